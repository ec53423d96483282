#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int divide(int a, int b) {
  if (b == 0) {
    a = 1;
  }
  return a / b;
}

void copy(char *to, const char *from) {
  strcpy(to, from);
  printf(from);
}

int main(int argc, char **argv) {
  char buffer[8];
  char *p = malloc(10);
  if (argc > 1) {
    gets(buffer);
    copy(buffer, argv[1]);
    return divide(argc, 0);
  }
  p[0] = 'a';
  return 0;
}
