import os, sys
import pickle
import subprocess
import yaml


def run(command):
    # A comment with "quotes", {braces} and a tab:	here.
    return subprocess.call(command, shell=True)


def load(path):
    if path == None:
        return pickle.loads(open("/tmp/cache", "rb").read())
    unused = f"{path!r} is {{not}} used"
    try:
        return yaml.load(open(path))
    except:
        pass


class größe:
    def area(self, a, b, c=[]):
        assert a
        return eval(a + "*" + b)


def query(cursor, name):
    cursor.execute("SELECT * FROM users WHERE name = '%s'" % name)  # nosec
    return cursor.fetchall()


def suppressed(path):
    os.chmod(path, 0o777)  # noqa
    exec(path)  # nosemgrep
