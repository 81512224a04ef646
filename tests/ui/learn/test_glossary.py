"""Words that lessons explain."""

from __future__ import annotations

import re

from ganapp.ui.learn import glossary, lessons


def test_the_first_use_of_a_word_opens_it_and_formulas_stay() -> None:
    shown = lessons.html("The generators and a generator: **BatchNorm** of $G$. A re-generator.")
    assert re.findall(r'data-term="([^"]+)">([^<]+)<', shown) == [
        ("generator", "generators"),
        ("BatchNorm", "BatchNorm"),
    ]
    assert "<math" in shown and "&lt;" not in shown


def test_markup_of_a_lesson_stays_text() -> None:
    assert "<script>" not in lessons.html("<script>x</script> a critic")
    assert '<button type="button" class="term"' not in lessons.html("`critic` and [x](http://a)")


def test_every_word_is_explained_once_in_few_words_and_leads_to_a_lesson() -> None:
    known = {lesson.name for lesson in lessons.opened()[0]}
    forms = [form for one in glossary.terms() for form in (one.term, *one.also)]
    assert len(forms) == len(set(forms))
    for one in glossary.terms():
        assert not one.lesson or one.lesson in known
        assert 8 <= len(one.text.split()) <= 45 and one.text.endswith(".")
