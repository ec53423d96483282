#include "a.h"

int divide(int value) {
  int zero = 0;
  return value / zero;
}

int main(void) {
  int *nowhere = 0;
  int dead = 5;
  *nowhere = divide(1);
  return 0;
}
