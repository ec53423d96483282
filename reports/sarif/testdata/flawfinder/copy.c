#include <stdio.h>
#include <string.h>

void Greet(const char *name) {
  char greeting[16];
  strcpy(greeting, name);
  printf(name);
  strncpy(greeting, name, sizeof(greeting));  /* Flawfinder: ignore */
}
