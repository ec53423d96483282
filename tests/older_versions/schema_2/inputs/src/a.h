int divide(int value);
