# `make run` starts the dashboard, `make test` checks everything but what takes long, which `make test-long` does. Each
# first installs what it needs.

PYTHON = python3
HOST = 127.0.0.1
PORT = 8501

.PHONY: run test test-long test-image lint types unit browser redis nginx chromium clean

run: .venv/.installed
	@.venv/bin/distillens serve --host $(HOST) --port $(PORT)

test: lint types unit browser

lint: .venv/.installed-test
	.venv/bin/python -m ruff check .
	.venv/bin/python -m ruff format --check .

types: .venv/.installed-test
	.venv/bin/python -m mypy

# A file's tests stay together, because they share its models.
unit: .venv/.installed-test redis nginx
	.venv/bin/python -m pytest --ignore=tests/browser --numprocesses auto --maxprocesses 4 --dist loadfile

# A pytest process of its own: Playwright keeps an event loop running in its thread, which the app tests cannot share.
browser: .venv/.installed-test chromium
	.venv/bin/python -m pytest tests/browser --numprocesses 2 --dist loadfile

# What is long by its nature: walks through every page, loads, kills.
test-long: .venv/.installed-test redis nginx chromium
	.venv/bin/python -m pytest -m long --ignore=tests/browser --numprocesses 2 --dist loadfile
	.venv/bin/python -m pytest -m long tests/browser --numprocesses 2 --dist loadfile

# The Dockerfile's own commands, which download all libraries again.
test-image: .venv/.installed-test
	.venv/bin/python -m pytest -m image

# The stamps come last, so that an install that was broken off is not taken for a finished one. What it left behind may
# be half a package that pip would believe in: the mark .unfinished makes the next try begin with an empty environment.
define install
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("DistilLens needs Python 3.11 or newer, and \
	$(PYTHON) is %d.%d: name another one, as in make $(MAKECMDGOALS) PYTHON=python3.12." % sys.version_info[:2])'
$(PYTHON) -m venv $(if $(wildcard .venv/.unfinished),--clear) .venv
@touch .venv/.unfinished
.venv/bin/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable $(1)
@rm .venv/.unfinished
endef

.venv/.installed: pyproject.toml constraints.txt
	$(call install,.)
	@touch $@

.venv/.installed-test: pyproject.toml constraints.txt
	$(call install,".[test]")
	@touch .venv/.installed $@

# Only where no password is asked for; only on Debian, because Ubuntu's package of this name is not a browser.
apt_install = grep -qs '^ID=debian' /etc/os-release && sudo=$$(test $$(id -u) = 0 || echo sudo -n) && \
	$$sudo apt-get -q update && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy install

redis:
	@command -v redis-server >/dev/null || { $(apt_install) redis-server; } || \
		echo "There is no redis-server and it could not be installed: Redis is not tested here."

# On Debian it is not on everybody's path.
nginx:
	@PATH=$$PATH:/usr/sbin command -v nginx >/dev/null || { $(apt_install) nginx; } || \
		echo "There is no nginx and it could not be installed: two servers behind one address are not tested here."

# The last line looks again and, where there is still none, fails with the sentence that names the fix.
chromium: .venv/.installed-test
	@.venv/bin/python tests/browser/chromium.py >/dev/null 2>&1 || { $(apt_install) chromium; } || \
		.venv/bin/python -m playwright install chromium || true
	@.venv/bin/python tests/browser/chromium.py

clean:
	rm -rf .venv
