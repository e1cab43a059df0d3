"""After a model call: are its figures accounted for, may it try again, or is the answer refused?"""

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from datelier.chat.figures import NUMBERS_KEY, Figures
from datelier.chat.prompts import correction_prompt, refusal_text
from datelier.chat.turn import Turn
from datelier.runs.execution import ActiveRun


async def account_for(
    run: ActiveRun, turn: Turn, figures: Figures, message: AIMessage
) -> list[AnyMessage]:
    """Check a call's texts, and show them if they were held back.

    Args:
        run: The run.
        turn: Its agent says what happens to figures without a receipt.
        figures: The call's texts, ended.
        message: The call's message; keeps how many figures it has.

    Returns:
        What the model is told so that it writes the figures again; nothing when all is well, or
        when it has been told before.
    """
    own = await figures.check()
    blocks = turn.definition.numbers == "block"
    problems = figures.problems
    calls = bool(message.tool_calls or message.invalid_tool_calls)
    if problems and not calls and not figures.was_corrected and not turn.config.is_demo:
        if not blocks:
            message.response_metadata[NUMBERS_KEY] = figures.count(own)
        what = "a figure" if len(problems) == 1 else f"{len(problems)} figures"
        note = f"asked again: {what} could not be traced"
        run.log.put({"type": "data-step-note", "data": {"text": note}})
        return [HumanMessage(correction_prompt(problems, held_back=blocks))]
    if blocks and not own.is_clean:
        if not calls:  # beside tool calls the text is dropped: the answer is still to come
            figures.refuse(refusal_text(problems))
        return []
    figures.release()
    message.response_metadata[NUMBERS_KEY] = figures.count(own)
    return []
