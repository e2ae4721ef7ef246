"""Pages of many kinds, written for these tests in the markup that each system produces.

Every page is built from texts whose truth is known: `body` is what the author wrote, `apart` what
must not be in it. Nothing here is copied from a real page.
"""
# ruff: noqa: E501 -- markup and answers stay as they are sent

from dataclasses import dataclass

BRIDGE = [
    "The river authority says it will inspect the old chain bridge again before the end of May, "
    "although nobody I spoke to could tell me who is going to pay for it.",
    "Two engineers who worked on the last survey describe the western tower as “tired but not "
    "dangerous”. Neither wanted to be named, and one of them left the authority in January.",
    "If the cracks turn out to be deeper than four centimetres, the bridge would have to close to "
    "lorries for at least six weeks. That is the authority’s own figure, not mine.",
    "I walked across on Sunday morning. The barriers on the north side had been moved, apparently "
    "by anglers, and a hand-written sign asked people not to run.",
    "None of this means that the bridge is about to fall down. It means that we do not know, and "
    "that the people whose job it is to know have not looked since 2019.",
]
HARVEST = [
    "Wheat prices in the province fell by about a third this spring, and farmers in four counties "
    "told me they had sold early because the buyers asked them to.",
    "The agricultural bureau denies that anyone was pressed. Its spokesman, Mr Qiao, said the "
    "purchases were voluntary and that “most” of the contracts had been signed in March.",
    "What the contracts actually say is less clear: of the eleven I have seen, seven leave the "
    "delivery date blank, and two name a company that was dissolved last year.",
    "It is possible that these are clerical mistakes. It is also possible, as one village "
    "accountant put it, that a blank date is worth more than a full barn.",
]
POINTS = [
    "Seven of eleven contracts carry no delivery date.",
    "Two name a company that no longer exists.",
    "All eleven were signed within the same nine days.",
]
QUOTE = "We were not forced. We were advised, and then we were advised again, and then it was June."
CHINESE = [
    "河务部门表示，将在五月底以前再次检查老铁索桥，但没有人说得清这笔钱由谁来出。",
    "参加过上一次检测的两位工程师说，西塔“有些疲劳，但谈不上危险”。两人都不愿透露姓名。",
    "如果裂缝深度超过四厘米，大桥至少要对货车封闭六个星期，这是河务部门自己的数字。",
    "这一切并不等于说桥要塌了，只是说我们不知道，而应该知道的人从2019年以后就没有再看过。",
]
TRADITIONAL = [
    "河務部門表示，將在五月底以前再次檢查老鐵索橋，但沒有人說得清這筆錢由誰來出。",
    "參加過上一次檢測的兩位工程師說，西塔「有些疲勞，但談不上危險」。兩人都不願透露姓名。",
    "如果裂縫深度超過四公分，大橋至少要對貨車封閉六個星期，這是河務部門自己的數字。",
    "這一切並不等於說橋要塌了，只是說我們不知道，而應該知道的人從2019年以後就沒有再看過。",
]
COMMENTS = [
    ("Otto", "So they admit that the bridge is dangerous and refuse to close it. Typical."),
    ("FOARP", "My uncle built the western tower and he says the whole thing is a hoax."),
]
NOISE = [
    "Subscribe to our newsletter for weekly updates",
    "Five bridges you will not believe are still standing",
    "Share this on Facebook",
]


@dataclass(frozen=True)
class Sample:
    """A page with its truth."""

    html: str | bytes
    body: tuple[str, ...]
    apart: tuple[str, ...] = ()
    title: str | None = None
    author: str | None = None
    published: str | None = None
    comments: int = 0
    updates: int = 0
    type: str = "text/html; charset=utf-8"
    language: str = "en"
    headings: tuple[str, ...] = ()


def ps(texts, tag="p"):
    return "\n".join(f"<{tag}>{text}</{tag}>" for text in texts)


def page(head, body, attributes='lang="en"'):
    return f"<!DOCTYPE html><html {attributes}><head>{head}</head>{body}</html>"


def wp_comments():
    items = "".join(
        f'<li id="comment-{i}" class="comment even thread-even depth-1"><article id="div-{i}" '
        f'class="comment-body"><footer class="comment-meta"><div class="comment-author vcard">'
        f'<b class="fn">{name}</b> <span class="says">says:</span></div><div class="comment-metadata">'
        f'<a href="#c{i}"><time datetime="2012-03-05">March 5, 2012 at 4:1{i} pm</time></a></div>'
        f'</footer><div class="comment-content"><p>{text}</p></div><div class="reply"><a '
        f'class="comment-reply-link" href="?r={i}">Reply</a></div></article></li>'
        for i, (name, text) in enumerate(COMMENTS)
    )
    return (
        '<div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on &ldquo;'
        f'The bridge&rdquo;</h2><ol class="comment-list">{items}</ol><div id="respond" '
        'class="comment-respond"><h3 id="reply-title">Leave a Reply</h3><form><p class='
        '"comment-notes">Your email address will not be published.</p><textarea></textarea></form>'
        "</div></div>"
    )


SHARE = (
    '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul><li><a '
    f'href="#">{NOISE[2]}</a></li></ul></div><div id="jp-relatedposts" class="jp-relatedposts"><h3>'
    f'Related</h3><p class="jp-relatedposts-post-title"><a href="/five">{NOISE[1]}</a></p></div>'
)
SIDEBAR = (
    '<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2>'
    f'Recent Posts</h2><ul><li><a href="/five">{NOISE[1]}</a></li></ul></section><section class='
    f'"widget"><p>{NOISE[0]}</p></section></aside>'
)
MENU = (
    '<header class="site-header"><nav class="main-navigation"><ul class="menu"><li><a href="/">Home'
    '</a></li><li><a href="/about">About</a></li></ul></nav></header>'
)
FOOT = '<footer class="site-footer"><p>Proudly powered by a very good engine. All rights reserved.</p></footer>'


def wordpress_classic():
    updates = [
        "UPDATE 2: The authority has now published the survey, all two pages of it.",
        "It contains one photograph and no measurements.",
        "UPDATE 1: A reader points out that the sign has been replaced.",
    ]
    marked = [text.replace("UPDATE", "<strong>UPDATE", 1).replace(":", ":</strong>", 1) if
              text.startswith("UPDATE") else text for text in updates]  # fmt: skip
    html = page(
        '<title>The bridge | River Notes</title><link rel="canonical" href="https://a.example/bridge/">'
        '<meta property="og:title" content="The bridge"><meta property="og:site_name" content="River Notes">'
        '<meta property="article:published_time" content="2012-03-04T09:30:00+00:00">'
        '<meta property="article:modified_time" content="2012-03-09T17:02:00+00:00">',
        f'<body class="single single-post comments-open"><div id="page">{MENU}<div id="content"><article '
        'id="post-7" class="post-7 post type-post hentry"><header class="entry-header"><h1 class='
        '"entry-title">The bridge</h1><div class="entry-meta"><span class="posted-on">Posted on <time '
        'class="entry-date" datetime="2012-03-04T09:30:00+00:00">March 4, 2012</time></span><span class="byline"> by '
        '<span class="author vcard"><a rel="author" href="/a">Lena Ashworth</a></span></span></div></header>'
        f'<div class="entry-content">{ps(marked)}{ps(BRIDGE)}{SHARE}</div><footer class="entry-footer">'
        '<span class="tags-links">Tagged <a rel="tag" href="/t">bridges</a></span></footer></article>'
        f"{wp_comments()}</div>{SIDEBAR}</div>{FOOT}</body>",
    )
    return Sample(
        html, tuple(BRIDGE), (*updates, *(t for _, t in COMMENTS), *NOISE), "The bridge",
        "Lena Ashworth", "2012-03-04T09:30:00+00:00", comments=2, updates=3,
    )  # fmt: skip


def wordpress_blocks():
    ld = (
        '{"@context":"https://schema.org","@graph":[{"@type":"Article","headline":"Grain &amp; '
        'paper","datePublished":"2024-06-11T08:00:00+00:00","dateModified":"2024-06-12T08:00:00+00:00",'
        '"author":{"@type":"Person","name":"Rui Andrade"}},{"@type":"WebPage","name":"x"}]}'
    )
    html = page(
        f'<title>Grain</title><script type="application/ld+json">{ld}</script>',
        '<body class="wp-singular has-sidebar"><div class="wp-site-blocks"><main class="wp-block-group '
        'has-global-padding"><h1 class="wp-block-post-title">Grain &amp; paper</h1><div class="entry-content '
        f'wp-block-post-content is-layout-flow">{ps(HARVEST[:2])}<h2 class="wp-block-heading">What the contracts '
        f'say</h2>{ps(HARVEST[2:3])}<ul class="wp-block-list">{ps(POINTS, "li")}</ul><blockquote class='
        f'"wp-block-quote"><p>{QUOTE}</p><cite>a farmer in Luo county</cite></blockquote>{ps(HARVEST[3:])}'
        '<figure class="wp-block-image"><img src="a.jpg" alt=""><figcaption>A barn in spring</figcaption>'
        "</figure><p>Update (June 12): the bureau has withdrawn two of the contracts.</p></div>"
        f'<div class="wp-block-comments">{wp_comments()}</div></main></div>{FOOT}</body>',
    )
    body = (
        *HARVEST[:2],
        "What the contracts say",
        HARVEST[2],
        *POINTS,
        QUOTE,
        "a farmer in Luo county",
        HARVEST[3],
    )
    return Sample(
        html, body, ("the bureau has withdrawn two", "A barn in spring", *(t for _, t in COMMENTS)),
        "Grain & paper", "Rui Andrade", "2024-06-11T08:00:00+00:00", 2, 1, headings=("What the contracts say",),
    )  # fmt: skip


def blogger():
    text = "<br /><br />".join(BRIDGE)
    html = page(
        "<title>River Notes: The bridge</title><meta content='The bridge' property='og:title'/>",
        "<body><div class='blog-posts hfeed'><div class='post-outer'><div class='post hentry'><h3 class="
        "'post-title entry-title'>The bridge</h3><div class='post-header'></div><div class='post-body "
        f"entry-content' id='post-body-1'>{text}<div style='clear: both;'></div></div><div class="
        "'post-footer'><div class='post-footer-line'>Posted by <span class='fn'>Lena</span> at <abbr class="
        "'published' title='2012-03-04T09:30:00+01:00'>9:30 AM</abbr></div></div></div><div class='comments' "
        f"id='comments'><h4>2 comments:</h4><dl id='comments-block'><dt class='comment-author'>Otto said..."
        f"</dt><dd class='comment-body'><p>{COMMENTS[0][1]}</p></dd><dt class='comment-author'>FOARP said...</dt>"
        f"<dd class='comment-body'><p>{COMMENTS[1][1]}</p></dd></dl></div></div></div><div class='sidebar "
        f"section'><h2>Archive</h2><p>{NOISE[1]}</p></div></body>",
    )
    return Sample(
        html,
        tuple(BRIDGE),
        tuple(t for _, t in COMMENTS),
        "The bridge",
        None,
        "2012-03-04T09:30:00+01:00",
        comments=1,
    )


def substack():
    html = page(
        '<title>Grain - by Rui</title><meta property="og:title" content="Grain"><meta name="author" content="Rui Andrade">',
        '<body><div id="entry"><div class="main-menu"><a href="/">Home</a></div><article class="typography '
        'newsletter-post post"><div class="post-header"><h1 class="post-title">Grain</h1><h3 class="subtitle">'
        'Notes from four counties</h3><div class="byline-wrapper">Rui Andrade</div></div><div class='
        f'"available-content"><div class="body markup">{ps(HARVEST[:2])}<div class="subscription-widget-wrap">'
        f'<div class="subscription-widget"><p>{NOISE[0]}</p><form><input type="email"></form></div></div>'
        f'<blockquote><p>{QUOTE}</p></blockquote>{ps(HARVEST[2:])}<div class="footnote"><a id="footnote-1" '
        'class="footnote-number">1</a><div class="footnote-content"><p>The accountant asked to remain '
        'unnamed.</p></div></div></div></div><div class="post-footer"><p>Share</p></div></article><div class='
        f'"comments-page"><div class="comment"><div class="comment-content"><p>{COMMENTS[0][1]}</p></div></div>'
        "</div></div></body>",
    )
    return Sample(
        html,
        (*HARVEST[:2], QUOTE, *HARVEST[2:], "The accountant asked to remain unnamed."),
        (NOISE[0], COMMENTS[0][1]),
        "Grain",
        "Rui Andrade",
        comments=1,
    )


def medium():
    sections = "".join(
        f'<p id="{i}" class="pw-post-body-paragraph ab cd">{t}</p>' for i, t in enumerate(BRIDGE)
    )
    html = page(
        '<title>The bridge. Notes from the river | by Lena | Medium</title><meta property="og:title" content='
        '"The bridge"><meta name="author" content="Lena Ashworth"><meta property="article:published_time" '
        'content="2023-03-04T09:30:00.000Z">',
        '<body><div id="root"><div class="a b c"><div><a href="/m/signin">Sign in</a><a href="/new">Write</a>'
        '</div><div class="l"><article><div class="l"><div class="l"><section><div><div class="fw fx"><h1 class="pw-post-'
        f'title">The bridge</h1><div class="speechify-ignore ab"><p>Lena Ashworth</p><span>4 min read</span></div>{sections}'
        '</div></div></section></div></div></article></div><div class="footer-x"><p>Written by Lena Ashworth, '
        f'who has 420 followers</p></div><div class="responses"><p>{COMMENTS[0][1]}</p></div></div></div></body>',
    )
    return Sample(
        html,
        tuple(BRIDGE),
        (COMMENTS[0][1], "420 followers"),
        "The bridge",
        "Lena Ashworth",
        "2023-03-04T09:30:00.000Z",
        1,
    )


def ghost():
    html = page(
        '<title>Grain</title><meta property="og:title" content="Grain"><meta property="article:published_time" '
        'content="2024-06-11T08:00:00.000Z">',
        f'<body class="post-template"><div class="site"><header class="gh-head"><nav><a href="/">Home</a></nav></header>'
        '<article class="gh-article post"><header class="gh-article-header"><h1 class="gh-article-title">Grain'
        f'</h1></header><section class="gh-content gh-canvas">{ps(HARVEST)}<div class="kg-card kg-callout-card">'
        f'<div class="kg-callout-text">{QUOTE}</div></div></section></article><aside class="gh-sidebar">{NOISE[0]}'
        f'</aside><section class="gh-comments gh-read-next"><p>{NOISE[1]}</p></section></div></body>',
    )
    return Sample(
        html, (*HARVEST, QUOTE), tuple(NOISE[:2]), "Grain", None, "2024-06-11T08:00:00.000Z"
    )


def amp():
    html = page(
        '<title>The bridge</title><link rel="canonical" href="https://a.example/bridge/"><style amp-custom>p{}</style>',
        f'<body><amp-sidebar id="s"><ul><li>{NOISE[1]}</li></ul></amp-sidebar><article class="amp-wp-article"><header '
        'class="amp-wp-article-header"><h1 class="amp-wp-title">The bridge</h1></header><div class='
        f'"amp-wp-article-content">{ps(BRIDGE[:2])}<amp-ad width="3" type="x">Advertisement</amp-ad>{ps(BRIDGE[2:])}'
        '</div><footer class="amp-wp-article-footer"><div class="amp-wp-meta amp-wp-tax-tag">Tags: bridges</div>'
        "</footer></article></body>",
        'amp lang="en"',
    )
    return Sample(html, tuple(BRIDGE), (NOISE[1], "Advertisement"), "The bridge")


def newspaper():
    """Cut the article into sections around its advertisements, as news sites do."""

    def piece(texts):
        return f'<div class="css-53u6y8 StoryBodyCompanionColumn"><div class="css-1">{ps(texts)}</div></div>'

    html = page(
        '<title>Old bridge to be inspected - The Courier</title><meta property="og:title" content="Old bridge to be inspected">'
        '<meta name="byl" content="By Lena Ashworth"><script type="application/ld+json">{"@type":"NewsArticle",'
        '"headline":"Old bridge to be inspected","datePublished":"2023-03-04","author":[{"name":"Lena Ashworth"},'
        '{"name":"Tom Iver"}],"isAccessibleForFree":false}</script>',
        '<body><div id="app"><div id="site-content"><main><article id="story"><header><h1>Old bridge to be inspected</h1>'
        '<div class="byline-block">By Lena Ashworth</div></header><section name="articleBody">'
        f'{piece(BRIDGE * 2)}<div class="ad top-wrapper"><p>Advertisement</p></div>{piece(HARVEST)}<div class="newsletter-'
        f'signup"><p>{NOISE[0]}</p></div>{piece(["Officials were not available on Sunday evening."])}</section><div class='
        '"bottom-of-article"><p class="correction">Correction: an earlier version of this article misstated the year of '
        f'the survey. It was 2019.</p></div></article><section class="recirculation related-coverage"><h2>More</h2><p>'
        f"{NOISE[1]}</p></section></main></div></div></body>",
    )
    return Sample(
        html, (*BRIDGE, *BRIDGE, *HARVEST, "Officials were not available on Sunday evening."),
        (NOISE[0], NOISE[1], "misstated the year"), "Old bridge to be inspected", "Lena Ashworth, Tom Iver", "2023-03-04", updates=1,
    )  # fmt: skip


def old_table_layout():
    """Lay a page out as in 1999: tables for layout, fonts, and no class anywhere."""
    text = "<br><br>\n".join(BRIDGE)
    html = (
        "<html><head><title>The bridge</title></head><body bgcolor=white><table width=100%><tr><td colspan=2><font "
        'size=5><b>River Notes</b></font></td></tr><tr><td width=120 valign=top><a href="a.html">Home</a><br><a href='
        '"b.html">Archive</a><br><a href="c.html">Mail me</a></td><td valign=top><h1>The bridge</h1><font face=arial>'
        f"{text}</font></td></tr><tr><td colspan=2><font size=1>Best viewed at 800x600</font></td></tr></table></body></html>"
    )
    return Sample(html, tuple(BRIDGE), ("Mail me", "Best viewed"), "The bridge", type="text/html")


def bare_paragraphs():
    """Use nothing but <body> and <p>."""
    html = page(
        "<title>Grain</title>",
        f'<body><p><a href="/">Home</a></p><h1>Grain</h1>{ps(HARVEST)}<hr><p><small>2024</small></p></body>',
    )
    return Sample(html, tuple(HARVEST), (), "Grain")


def sina_gbk():
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312"><title>老桥将再次检查_河边</title>'
        '<meta property="og:title" content="老桥将再次检查"><meta property="article:published_time" content="2012-03-04T09:30:00+08:00">'
        '</head><body><div class="top-nav"><a href="/">首页</a><a href="/n">新闻</a></div><div class="main-content w1240">'
        '<h1 class="main-title">老桥将再次检查</h1><div class="date-source"><span class="date">2012年03月04日</span></div><div '
        f'class="article" id="artibody">{ps(["　　" + text for text in CHINESE])}</div><div class="article-bottom"><p class='
        '"show_author">责任编辑：张三</p></div><div id="pinglun" class="comments"><p>桥要塌了！</p></div></div><div class="sidebar">'
        "<p>五座你想不到的桥</p></div></body></html>"
    ).encode("gbk")
    return Sample(
        html,
        tuple(CHINESE),
        ("桥要塌了！", "责任编辑", "五座你想不到的桥"),
        "老桥将再次检查",
        None,
        "2012-03-04T09:30:00+08:00",
        1,
        type="text/html",
        language="zh",
    )


def big5_wrong_charset():
    """Send Big5 and say that it is UTF-8."""
    html = (
        "<html><head><title>老橋將再次檢查</title></head><body><div id=header><a href=/>首頁</a></div><article><h1>老橋將再次檢查</h1>"
        f"{ps(TRADITIONAL)}</article><div id=footer>版權所有</div></body></html>"
    ).encode("big5hkscs")
    return Sample(
        html,
        tuple(TRADITIONAL),
        ("版權所有",),
        "老橋將再次檢查",
        type="text/html; charset=utf-8",
        language="zh",
    )


def wechat():
    html = page(
        '<meta property="og:title" content="老桥"><meta name="author" content="河边">',
        '<body id="activity-detail" class="zh_CN"><div id="js_article" class="rich_media"><h1 class="rich_media_title">老桥</h1><div '
        'id="meta_content" class="rich_media_meta_list"><span>河边</span></div><div class="rich_media_content" id="js_content" '
        f'style="">{"".join(f"<section><p><span>{t}</span></p></section>" for t in CHINESE)}</div><div class="rich_media_tool">'
        "<p>阅读 10万+</p></div></div></body>",
        "",
    )
    return Sample(html, tuple(CHINESE), ("阅读",), "老桥", "河边", language="zh")


def wiki():
    html = page(
        "<title>Chain bridge - Wiki</title>",
        '<body class="mediawiki"><div id="content" class="mw-body" role="main"><h1 id="firstHeading">Chain bridge</h1><div id="mw-content-text">'
        f'<div class="mw-parser-output"><table class="infobox"><tr><th>Length</th><td>212 m</td></tr></table>{ps(BRIDGE[:2])}<div id="toc" '
        f'class="toc"><ul><li>1 History</li></ul></div><h2><span class="mw-headline">History</span><span class="mw-editsection">[edit]</span></h2>'
        f'{ps(BRIDGE[2:])}</div><div class="printfooter">Retrieved from somewhere</div></div><div id="catlinks" class="catlinks">Categories'
        '</div></div><div id="mw-navigation"><h2>Navigation menu</h2></div></body>',
    )
    return Sample(
        html,
        (*BRIDGE[:2], "History", *BRIDGE[2:]),
        ("212 m", "[edit]", "Categories"),
        "Chain bridge",
        headings=("History",),
    )


def forum_style_live_blog():
    """Add updates under headings with times, as live pages do."""
    html = page(
        "<title>Bridge live</title><meta property='og:title' content='Bridge live'>",
        f"<body><main><article><h1>Bridge live</h1>{ps(BRIDGE)}<h3>Update, 5 March 2023, 14:10</h3><p>Police have put new barriers on the "
        "north side.</p><p>They did not say why.</p><h3>UPDATE 6 March:</h3><p>The barriers are gone again.</p></article></main></body>",
    )
    return Sample(
        html,
        tuple(BRIDGE),
        ("Police have put", "They did not say", "barriers are gone"),
        "Bridge live",
        updates=5,
    )


def inline_update():
    """Let one fact of a list end in an update."""
    html = page(
        "<title>Facts</title><meta property='og:title' content='Facts'>",
        f'<body><article class="hentry"><div class="e-content">{ps(BRIDGE[:2])}<ul><li>{POINTS[0]} Update: the bureau says there are eight.</li>'
        f"<li>{POINTS[1]}</li></ul>{ps(BRIDGE[2:])}<p>Software Update: that was the name of the boat.</p></div></article></body>",
    )
    return Sample(
        html, (*BRIDGE[:2], *POINTS[:2], *BRIDGE[2:], "Software Update: that was the name of the boat."),
        ("the bureau says there are eight",), "Facts", updates=1,
    )  # fmt: skip


def microdata():
    items = "".join(
        f'<div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><span itemprop="author">{n}</span><div itemprop="text">{t}</div></div>'
        for n, t in COMMENTS
    )
    html = page(
        "<title>The bridge</title>",
        f'<body><div class="layout with-sidebar"><div itemscope itemtype="https://schema.org/BlogPosting"><h1 itemprop="headline">The bridge</h1>'
        f'<span itemprop="author">Lena Ashworth</span><time itemprop="datePublished" datetime="2023-03-04">4 March</time><div itemprop='
        f'"articleBody">{ps(BRIDGE)}<div class="share-buttons">{NOISE[2]}</div></div>{items}</div><div class="sidebar">{NOISE[1]}</div></div></body>',
    )
    return Sample(
        html,
        tuple(BRIDGE),
        (*NOISE[1:], *(t for _, t in COMMENTS)),
        "The bridge",
        "Lena Ashworth",
        "2023-03-04",
        2,
    )


def short_note():
    note = "I have not said that the bridge is unsafe. I said nobody has looked. Those are two different things."
    html = page(
        "<title>Note</title>",
        f'<body>{MENU}<main><article class="h-entry"><div class="e-content"><p>{note}</p></div><a class="u-url" href="/n/1">4 March</a></article></main>{FOOT}</body>',
    )
    return Sample(html, (note,), ("Proudly powered", "About"))


def json_ld_only():
    """Leave the text in JSON-LD alone, as some programs do."""
    text = "\\n\\n".join(BRIDGE)
    html = page(
        '<title>The bridge</title><script type="application/ld+json">{"@type":["NewsArticle"],"headline":"The bridge","articleBody":"'
        f'{text}"}}</script>',
        '<body><div id="root"></div><script src="/main.js"></script></body>',
    )
    return Sample(html, tuple(BRIDGE), (), "The bridge")


def plain_text():
    return Sample("\r\n\r\n".join(BRIDGE), tuple(BRIDGE), type="text/plain")


SAMPLES = {
    f.__name__: f
    for f in (
        wordpress_classic, wordpress_blocks, blogger, substack, medium, ghost, amp, newspaper, old_table_layout,
        bare_paragraphs, sina_gbk, big5_wrong_charset, wechat, wiki, forum_style_live_blog, inline_update, microdata,
        short_note, json_ld_only, plain_text,
    )
}  # fmt: skip


def front_page():
    posts = "".join(
        f'<article class="post"><h2><a href="/{i}">Post {i}</a></h2><div class="entry-content">{ps([t])}</div></article>'
        for i, t in enumerate(BRIDGE)
    )
    return page("<title>River Notes</title>", f"<body>{MENU}<main>{posts}</main>{FOOT}</body>")


def paywall():
    return page(
        "<title>Grain</title>",
        f'<body><article><h1>Grain</h1><div class="article-content">{ps(HARVEST[:2])}</div><div class="paywall"><h2>Keep reading</h2><p>'
        "Subscribe to continue reading. Already a subscriber? Sign in.</p></div></article></body>",
    )


def needs_scripts():
    return page(
        "<title>App</title>",
        '<body><noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div><script src="/a.js"></script></body>',
    )


def seed(text: str) -> tuple[Sample, str]:
    """Rebuild the blog post of the project's seed as WordPress would have served it."""
    from html import escape

    post, _, rest = text.partition("0 thoughts on")
    title, *blocks = [block.strip("\n") for block in post.split("\n\n") if block.strip()]
    parts, body, apart = [], [], []
    for block in blocks:
        if block.lstrip().startswith("•"):
            items = [line.strip().lstrip("• ") for line in block.split("\n")]
            parts.append(f"<ul>{ps(map(escape, items), 'li')}</ul>")
            body += items
            continue
        updated = block.startswith("UPDATE") or not any(
            "Weibo and Twitter are buzzing" in x for x in [*body, block]
        )
        text_html = escape(block)
        if block.startswith("UPDATE"):
            head, _, tail = text_html.partition(":")
            text_html = f"<strong>{head}:</strong>{tail}"
        parts.append(f"<p>{text_html}</p>")
        (apart if updated else body).append(block)
    comments = []
    for block in rest.partition("Leave a Reply")[0].split("\n\n\n"):
        words = block.split("”", 1)[-1] if "High-Level Defection" in block else block
        lines = [line.strip() for line in words.split("\n") if line.strip()]
        if lines:
            comments.append([lines[0].split(". ", 1)[-1], *lines[1:]])
    items = "".join(
        f'<li class="comment depth-1" id="comment-{i}"><article class="comment-body"><footer class="comment-meta"><div class='
        f'"comment-author vcard"><b class="fn">reader{i}</b><span class="says">says:</span></div></footer><div class='
        f'"comment-content">{ps(map(escape, lines))}</div></article></li>'
        for i, lines in enumerate(comments)
    )
    html = page(
        f"<title>{escape(title)} | Blog</title><link rel='canonical' href='https://a.example/2012/02/defection/'>"
        '<meta property="article:published_time" content="2012-02-08T09:00:00+00:00">',
        f'<body class="single comments-open">{MENU}<div id="content"><article class="post hentry"><header class="entry-header"><h1 class='
        f'"entry-title">{escape(title)}</h1><div class="entry-meta">by <a rel="author" href="/c">C. Custer</a></div></header><div class='
        f'"entry-content">{"".join(parts)}{SHARE}</div></article><div id="comments" class="comments-area"><h2 class="comments-title">0 thoughts '
        f'on “{escape(title)}”</h2><ol class="comment-list">{items}</ol><div id="respond"><h3>Leave a Reply</h3><p>Fill in your details below'
        f"</p></div></div></div>{SIDEBAR}{FOOT}</body>",
    )
    heard = tuple(line for lines in comments for line in lines)
    return Sample(
        html,
        tuple(body),
        tuple(apart),
        title,
        "C. Custer",
        "2012-02-08T09:00:00+00:00",
        len(comments),
    ), heard
