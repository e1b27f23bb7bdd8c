"""Renders chats with jinja2, set up as transformers sets it up. Reads and writes JSON."""

import datetime
import json
import sys

from jinja2 import TemplateError, ext, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

today = datetime.datetime(2026, 1, 2)


def refuse(message):
    raise TemplateError(message)


def to_json(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


class Generation(ext.Extension):
    """`{% generation %}` marks what the assistant said, which changes nothing in the text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_said"), [], [], body).set_lineno(line)

    def _said(self, caller):
        return caller()


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, ext.loopcontrols])
environment.filters["tojson"] = to_json
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = lambda form: today.strftime(form)


def render(source, chats):
    template = environment.from_string(source)
    for variables in chats:
        try:
            yield {"text": template.render(**variables)}
        except Exception as error:  # what a template does with odd messages is part of what is compared
            yield {"error": f"{type(error).__name__}: {error}"}


given = json.load(sys.stdin)
json.dump({name: list(render(source, given["chats"])) for name, source in given["templates"].items()}, sys.stdout)
