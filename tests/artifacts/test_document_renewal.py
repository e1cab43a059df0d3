"""*Update the answer*: its documents get a version of the newest results, or say that they are old."""

from typing import Any

from tests.artifacts.story import Story, of

MEMO = (
    "# Revenue\n\nMarch reached {{Q1[2].revenue_eur | eur 0}}, "
    "{{= Q1[2].revenue_eur / Q1[0].revenue_eur | number 1}} times January's.\n\n"
    "Revenue in February 2025 was €1,250.5.\n\nNext year: 9,999.\n"
)
RENEWED = (
    "# Revenue\n\nMarch reached €8,000, 4.0 times January's.\n\n"
    "Revenue in February 2025 was €1,250.5.\n\nNext year: 9,999.\n"
)
OTHER = "select count(*) as n from sales"


def cites(shown: dict[str, Any]) -> list[tuple[str, str, list[int]]]:
    return [
        (cite["shown"], cite["kind"], [cell["version"] for cell in cite["cells"]])
        for cite in shown["figures"]
    ]


def standing(shown: dict[str, Any]) -> tuple[int, int | None, bool]:
    return shown["version"], shown["renewed_from"], shown["outdated"]


async def test_a_text_gets_a_version_of_the_newest_results_and_the_one_before_stays(
    story: Story,
) -> None:
    part = await story.write("text", MEMO)
    before = await story.document(part)
    assert cites(before)[3] == ("€1,250.5", "matched", [1])
    await story.rerun()
    # The answer has no figures beside those of its document.
    parts = await story.updated({"type": "text", "text": "Here it is.\n\n{{card D1}}"}, part)
    after = await story.document(part)
    assert after["content"] == RENEWED
    assert cites(after) == [
        ("€8,000", "exact", [2]),
        ("4.0", "derived", [2, 2]),
        ("February 2025", "matched", [2]),
        ("€1,250.5", "untraced", []),  # typed by the model, and no longer so
        ("9,999", "untraced", []),
    ]
    assert standing(after) == (2, 1, False)
    assert after["author"] == {"kind": "user", "name": "Ada"}
    (shown,) = of(parts, "data-document")
    assert (shown["handle"], shown["version"]) == ("D1", 2)
    assert [query["version"] for query in of(parts, "data-query")] == [2]
    assert await story.document(part, 1) == before | {"newest": 2}


async def test_what_a_person_made_of_a_text_stays_and_needs_no_receipt(story: Story) -> None:
    part = await story.write("text", MEMO)
    said = (await story.document(part))["content"] + "Seen by 12 people.\n"
    path, head = f"/documents/{part['id']}", {"If-Match": '"1"'}
    assert (await story.http.put(path, json={"content": said}, headers=head)).is_success
    await story.rerun()
    (shown,) = of(await story.updated(part), "data-document")
    after = await story.document(part)
    assert after["content"] == RENEWED + "Seen by 12 people.\n"
    loose = [shown for shown, kind, _ in cites(after) if kind == "untraced"]
    assert loose == ["€1,250.5", "9,999"]  # those of the agent, as before
    assert standing(after) == (3, 2, False)
    assert shown["version"] == 3
    # Nothing is newer than that.
    await story.updated(part | {"data": shown})
    assert standing(await story.document(part)) == (3, 2, False)


async def test_a_sheet_of_cells_and_one_of_a_result_follow(story: Story) -> None:
    cells = (
        "Month,Revenue\nMarch,{{Q1[2].revenue_eur | eur 0}} of {{= sum(Q1.revenue_eur) | int}}\n"
    )
    own = await story.write("sheet", cells)
    bound = await story.write("sheet", result="Q1.v1")
    await story.rerun()
    await story.updated(own, bound)
    after = await story.document(own)
    assert after["rows"]["data"][1] == ["€8,000 of 12,501"]
    assert cites(after) == [("€8,000", "exact", [2]), ("12,501", "derived", [2])]
    assert after["figures"][0]["cell"] == [0, 1]
    assert standing(after) == (2, 1, False)
    after = await story.document(bound)
    assert (after["result"]["reference"], standing(after)) == ("Q1.v2", (2, 1, False))
    assert (await story.document(bound, 1))["result"]["reference"] == "Q1.v1"


async def test_rows_of_a_sheet_that_an_edit_leaves_alone_keep_their_receipts(story: Story) -> None:
    cells = (
        "Month,Revenue,Growth\n"
        "March,{{Q1[2].revenue_eur | eur 0}},"
        "{{= Q1[2].revenue_eur / Q1[0].revenue_eur | number 1}}\n"
        "May,77,\n"
    )
    part = await story.write("sheet", cells)
    traced = cites(await story.document(part))[:2]
    assert [kind for _, kind, _ in traced] == ["exact", "derived"]
    path, head = f"/documents/{part['id']}", {"If-Match": '"1"'}
    said = 'Month,Revenue,Growth\nApril,5,\nMarch,"€4,000",4.0\nMay,88,\n'
    edited = (await story.http.put(path, json={"content": said}, headers=head)).json()
    # The row has moved, and its receipts with it; what a person types needs none.
    assert cites(edited) == traced
    assert [cite["cell"] for cite in edited["figures"]] == [[1, 1], [1, 2]]
    await story.rerun()
    await story.updated(part)
    renewed = await story.document(part)
    assert renewed["rows"]["data"][1] == ["5", "€8,000", "88"]
    assert cites(renewed) == [("€8,000", "exact", [2]), ("4.0", "derived", [2, 2])]
    # Under another name a column says something else.
    other = said.replace("Revenue", "Costs").replace("€4,000", "€8,000")
    head = {"If-Match": f'"{renewed["version"]}"'}
    renamed = (await story.http.put(path, json={"content": other}, headers=head)).json()
    assert ("4.0", "derived", [2, 2]) not in cites(renamed)


async def test_what_cannot_be_redone_says_that_its_numbers_are_of_the_earlier_answer(
    story: Story,
) -> None:
    code = await story.write("code", "print(4000)", language="python")
    memo = await story.write("text", MEMO)
    await story.rerun(OTHER)  # without the columns that the memo reads
    parts = await story.updated(code, memo)
    for part in (code, memo):
        assert standing(await story.document(part)) == (1, None, True)
    assert [shown["version"] for shown in of(parts, "data-document")] == [1, 1]
    # The next version is somebody's own.
    path, head = f"/documents/{code['id']}", {"If-Match": '"1"'}
    assert (await story.http.put(path, json={"content": "print(3)"}, headers=head)).is_success
    assert standing(await story.document(code)) == (2, None, False)
    assert (await story.document(code, 1))["outdated"]


async def test_a_document_of_the_newest_results_stays_as_it_is(story: Story) -> None:
    memo = await story.write("text", MEMO)
    code = await story.write("code", "print(4000)", language="python")
    await story.updated(memo, code)
    for part in (memo, code):
        assert standing(await story.document(part)) == (1, None, False)


async def test_an_archived_document_takes_no_version_and_says_so(story: Story) -> None:
    part = await story.write("text", MEMO)
    assert (await story.http.delete(f"/documents/{part['id']}")).is_success
    await story.rerun()
    await story.updated(part)
    assert standing(await story.document(part)) == (1, None, True)
