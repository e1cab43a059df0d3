"""A definition as YAML: what people review, and keep beside their code.

One definition per file, names instead of ids, fields in one order, and nothing that differs
between installations: what is exported, imported and exported again has the same bytes.
"""

from typing import Any, Final, cast

from pydantic import ValidationError
from yaml import YAMLError, safe_load

from datelier.definitions.schemas import Content
from datelier.kit.errors import Invalid
from datelier.kit.yaml_text import yaml_text

_FIELDS: Final = ("kind", "name", "source", "pattern", "note", "sql")


def to_yaml(content: Content, source: str | None) -> str:
    """Return what a definition says, with its source's name; what is empty is left out."""
    said = content.model_dump(include=set(_FIELDS)) | {"source": source or ""}
    return yaml_text({name: said[name] for name in _FIELDS if said[name]})


def read_yaml(text: str) -> tuple[Content, str | None]:
    """Return what a file says and the name of its source; the content names no source yet.

    Raises:
        Invalid: It is no YAML, or not a definition; the sentence says what is wrong.
    """
    try:
        said: object = safe_load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise Invalid(f"It is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(said, dict):
        raise Invalid("It does not hold a definition.")
    fields = cast("dict[object, Any]", said)
    unknown = [str(key) for key in fields if key not in _FIELDS]
    if unknown:
        raise Invalid(f"There is no field {unknown[0]}; a definition has {', '.join(_FIELDS)}.")
    source = fields.pop("source", None)
    if source is not None and not isinstance(source, str):
        raise Invalid("source: must be the name of a source")
    try:
        return Content.model_validate(fields), source
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Invalid(f"{where}: {first['msg']}") from None
