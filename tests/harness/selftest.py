"""Runs tests/unit/harness: the parts of the harness that decide something."""
import importlib
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))


def main():
    suite = unittest.TestSuite()
    for path in sorted((ROOT / "tests" / "unit" / "harness").glob("*_test.py")):
        module = importlib.import_module(f"tests.unit.harness.{path.stem}")
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(module))
    return 0 if suite.countTestCases() and unittest.TextTestRunner().run(suite).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
