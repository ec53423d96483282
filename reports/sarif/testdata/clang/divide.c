#include <stdlib.h>

static int Quotient(int dividend, int divisor) {
  return dividend / divisor;
}

int Average(const int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i) {
    sum += values[i];
  }
  if (count == 0) {
    sum = 1;
  }
  return Quotient(sum, count);
}

int Last(int *values, int count) {
  int unused = count;
  unused = 2;
  if (!values) {
    return values[count - 1];
  }
  return values[0];
}

void *Leak(size_t size) {
  char *buffer = malloc(size);
  buffer[0] = 'x';
  return 0;
}
