"""The world that tests meet."""

pytest_plugins = ("pytester", "tests.support.strict", "tests.support.databases", "tests.support.browser")
