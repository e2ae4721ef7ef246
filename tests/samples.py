"""Reports made by hand, for whatever shows or stores one."""

from drift.records import (
    Claim,
    Finding,
    Gloss,
    Label,
    Piece,
    Post,
    Report,
    Retweet,
    Severity,
    Span,
    Verdict,
    Voice,
)

SIGNATURE = "bt:lexical-1|lex:1|cal:1|v:0.1.0"

POST = Post(
    id="harbour",
    text=(
        "Whatever happens at the harbour, one thing is not known: who ordered the gates shut. "
        "The port authority says that about 4,000 containers are waiting, and reportedly some "
        "officials were told to stay at home.\n\n"
        "If the city were to close the northern pier, it would be a blow to small traders. "
        "Mr. Lin, who runs a ferry, told me he had asked for a meeting; he has not been given "
        "one. The closure began two days before fuel prices rose, but nobody has shown that the "
        "two are connected. I do not think that anyone is lying here. It looks like muddle."
    ),
    url="https://example.org/2012/02/harbour?a=1&b=2",
    author="Charlotte Custer",
    created_at="2012-02-08",
)


def spot(text: str, words: str) -> Span:
    """Give the span of some words that stand in a text."""
    start = text.index(words)
    return Span(start, start + len(words))


def words(text: str, table: str) -> tuple[Gloss, ...]:
    """Read a gloss written as "中文=English|…", in the order of the text."""
    found, start = [], 0
    for cell in table.split("|"):
        zh, _, en = cell.partition("=")
        start = text.index(zh, start)
        found.append(Gloss(zh, en, Span(start, start + len(zh))))
        start += len(zh)
    return tuple(found)


def finding(kind, severity, retweet, post, **details):
    """Make a finding of type.reason from the words that it rests on."""
    text, ours = retweet
    theirs, source = post
    return Finding(
        type=kind.partition(".")[0],
        severity=Severity(severity),
        confidence=0.88,
        retweet_span=spot(text, ours) if ours else None,
        post_span=spot(source, theirs) if theirs else None,
        reason=kind,
        details=details,
    )


def claim(text, table, back, source, *aligned, voice=Voice.CLAIM):
    """Make a claim from its gloss, its English and the words of the post that it rests on."""
    gloss = words(text, table)
    return Claim(
        span=Span(gloss[0].span.start, gloss[-1].span.end),
        voice=voice,
        back_translation=back,
        gloss=gloss,
        aligned=tuple(Piece(spot(source, words), 0.8) for words in aligned),
    )


def _asserted() -> Verdict:
    text = "外媒：市政府已关闭北码头，因害怕商户闹事，4万个集装箱滞留！小商户遭毁灭性打击。"
    source = POST.text
    return Verdict(
        retweet=Retweet("r1", text, author="@haigang_news", url="https://example.org/r/1"),
        label=Label.MISREPRESENTS,
        score=0.94,
        confidence=0.91,
        script="hans",
        claims=(
            claim(
                text,
                "市政府=city government|已=already|关闭=close|北=north|码头=pier",
                "The city government has closed the northern pier",
                source,
                "If the city were to close the northern pier",
            ),
            claim(
                text,
                "因=because|害怕=fear|商户=traders|闹事=make trouble",
                "for fear that traders make trouble",
                source,
            ),
            claim(
                text,
                "4万=40,000|个=|集装箱=containers|滞留=be stranded",
                "40,000 containers are stranded",
                source,
                "about 4,000 containers are waiting",
            ),
            claim(
                text,
                "小=small|商户=traders|遭=suffer|毁灭性=devastating|打击=blow",
                "Small traders suffer a devastating blow",
                source,
                "it would be a blow to small traders",
            ),
        ),
        findings=(
            finding(
                "conditional.dropped",
                "critical",
                (text, "市政府已关闭北码头"),
                ("If the city were to close the northern pier", source),
                cue="If",
            ),
            finding("cause.invented", "major", (text, "因害怕商户闹事"), (None, source)),
            finding(
                "quantity.changed",
                "major",
                (text, "4万"),
                ("4,000", source),
                **{"from": "4,000", "to": "4万", "to_en": "40,000 (4万)", "factor": "10"},
            ),
            finding(
                "intensity.raised",
                "minor",
                (text, "毁灭性打击"),
                ("a blow", source),
                word="毁灭性打击",
                cue="a blow",
            ),
        ),
    )


def _granted() -> Verdict:
    text = "RT @ferry: 渡輪老闆林先生獲市府接見，官員全部在家待命。"
    source = POST.text
    return Verdict(
        retweet=Retweet("r2", text, author="渡口小哥", created_at="2012-02-09"),
        label=Label.MISREPRESENTS,
        score=0.81,
        confidence=0.74,
        script="hant",
        claims=(
            claim(
                text,
                "渡輪=ferry|老闆=boss|林先生=Mr. Lin|獲=obtain|市府=city hall|接見=receive",
                "Ferry owner Mr. Lin was received by the city",
                source,
                "told me he had asked for a meeting; he has not been given one",
            ),
            claim(
                text,
                "官員=officials|全部=all|在家=at home|待命=stand by",
                "Officials are all on standby at home",
                source,
                "some officials were told to stay at home",
            ),
        ),
        findings=(
            finding(
                "aspect.attempted",
                "critical",
                (text, "獲市府接見"),
                ("asked for a meeting; he has not been given one", source),
                cue="asked for",
            ),
            finding(
                "quantifier.widened",
                "major",
                (text, "官員全部"),
                ("some officials", source),
                word="全部",
                cue="some",
            ),
        ),
    )


def _faithful() -> Verdict:
    text = "港务局称约有4000个集装箱在等候。"
    return Verdict(
        retweet=Retweet("r3", text, author="@liu"),
        label=Label.FAITHFUL,
        score=0.04,
        confidence=0.95,
        script="hans",
        claims=(
            claim(
                text,
                "港务局=port authority|称=say|约=about|有=have|4000=4,000|个=|集装箱=containers|"
                "在=be|等候=wait",
                "The port authority says about 4,000 containers are waiting",
                POST.text,
                "The port authority says that about 4,000 containers are waiting",
            ),
        ),
        findings=(),
    )


def _drifted() -> Verdict:
    text = "闸门在油价上涨前三天关闭，目前没有证据表明两者有关。"
    source = POST.text
    return Verdict(
        retweet=Retweet("r4", text),
        label=Label.DRIFTED,
        score=0.22,
        confidence=0.7,
        script="hans",
        claims=(
            claim(
                text,
                "闸门=gate|在=at|油价=fuel price|上涨=rise|前=before|三天=three days|关闭=close",
                "The gates closed three days before the rise of fuel prices",
                source,
                "The closure began two days before fuel prices rose",
            ),
        ),
        findings=(
            finding(
                "quantity.date",
                "minor",
                (text, "三天"),
                ("two days", source),
                **{"from": "two days", "to": "三天", "to_en": "three days (三天)"},
            ),
        ),
    )


def _thin() -> Verdict:
    text = "港口那边好像挺乱的，作者说没人撒谎吧"
    return Verdict(
        retweet=Retweet("r5", text, author="@m\u202eoor"),
        label=Label.UNCERTAIN,
        score=0.41,
        confidence=0.52,
        script="hans",
        claims=(
            claim(
                text,
                "作者=author|说=say|没人=nobody|撒谎=lie|吧=",
                "the author says nobody is lying",
                POST.text,
                "I do not think that anyone is lying here",
            ),
        ),
        findings=(),
        flags=("bidi",),
    )


def _unrelated() -> Verdict:
    text = "转发微博 👩\u200d💻👍 http://t.cn/abc"
    return Verdict(
        retweet=Retweet("r6", text),
        label=Label.UNRELATED,
        score=0.01,
        confidence=0.97,
        script="none",
        claims=(),
        findings=(),
    )


def _cut() -> Verdict:
    text = "闸门关闭后油价就涨了。"
    source = POST.text
    return Verdict(
        retweet=Retweet("r7", text, author="@youjia"),
        label=Label.DRIFTED,
        score=0.38,
        confidence=0.6,
        script="hans",
        claims=(
            claim(
                text,
                "闸门=gate|关闭=close|后=after|油价=fuel price|就=then|涨=rise|了=",
                "After the gates closed, fuel prices rose",
                source,
                "The closure began two days before fuel prices rose",
            ),
        ),
        findings=(
            finding(
                "omission.counter-evidence",
                "minor",
                (text, None),
                ("but nobody has shown that the two are connected", source),
            ),
        ),
    )


def report() -> Report:
    """Make a report with every verdict in it."""
    verdicts = (_asserted(), _granted(), _faithful(), _drifted(), _thin(), _unrelated(), _cut())
    return Report(POST, verdicts, SIGNATURE)
