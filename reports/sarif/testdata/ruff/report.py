import os
import sys


def total(values=[]):
    result = 0
    for unused in values:
        result = result + 1
    try:
        return result == None
    except:
        print(f"no {{}} placeholders")
