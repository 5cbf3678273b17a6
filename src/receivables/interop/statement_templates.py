"""The templates of a statement, as text: one for paper and screen, one for mail without markup.

The page is made for A4 or Letter: heads of tables are repeated on every page, and no row is torn in two. On a narrow screen a row
becomes a card. It asks nothing of the network: no font, no image, no script.
"""

from typing import Final

STYLE: Final = """\
:root { color-scheme: light; --ink: #1c2733; --soft: #5b6875; --line: #d9dee4; --tint: #f4f6f8; --accent: #1f4e79; --late: #a4262c; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: var(--ink); font: 14px/1.45 -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 32px; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 24px 48px; padding-bottom: 20px; border-bottom: 3px solid var(--accent); }
header .sender { font-size: 13px; color: var(--soft); text-align: right; margin-left: auto; }
header .sender strong { display: block; color: var(--accent); font-size: 18px; }
address { font-style: normal; white-space: pre-line; }
h1 { font-size: 26px; font-weight: 600; margin: 28px 0 6px; }
h2 { font-size: 17px; font-weight: 600; margin: 0 0 10px; color: var(--accent); }
h3 { font-size: 14px; font-weight: 600; margin: 28px 0 6px; }
.meta { display: flex; flex-wrap: wrap; gap: 2px 28px; color: var(--soft); margin: 0 0 8px; }
.meta b { color: var(--ink); font-weight: 600; }
.note { white-space: pre-line; margin: 16px 0; }
.currency { margin-top: 30px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 1px; background: #fff; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
.figures div { box-shadow: 0 0 0 1px var(--line); padding: 10px 14px; }
.figures span { display: block; font-size: 12px; color: var(--soft); }
.figures b { font-size: 16px; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figures .main { grid-column: 1 / -1; background: var(--accent); color: #fff; }
.figures .main span { color: #dbe6f1; }
.figures .main b { font-size: 22px; }
.late { color: var(--late); }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-size: 12px; font-weight: 600; color: var(--soft); border-bottom: 1.5px solid var(--ink); padding: 6px 8px; vertical-align: bottom; }
td { border-bottom: 1px solid var(--line); padding: 6px 8px; vertical-align: top; }
th.n, td.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
td.d { white-space: nowrap; overflow-wrap: normal; }
tr.end td { font-weight: 600; background: var(--tint); }
small { color: var(--soft); display: block; }
.strip td { text-align: right; border: 1px solid var(--line); }
.strip th { text-align: right; border: 1px solid var(--line); background: var(--tint); }
footer { margin-top: 36px; padding-top: 12px; border-top: 1px solid var(--line); font-size: 12px; color: var(--soft); }
footer .payment { white-space: pre-line; color: var(--ink); font-size: 13px; margin-bottom: 10px; }
@media screen and (max-width: 640px) {
  main { padding: 20px 16px; }
  header .sender { text-align: left; margin-left: 0; order: -1; }
  .rows thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .rows, .rows tbody, .rows tr, .rows td { display: block; width: 100%; }
  .rows tr { padding: 8px 0; border-bottom: 1px solid var(--line); }
  .rows td { display: flex; justify-content: space-between; gap: 16px; border: 0; padding: 2px 4px; text-align: right; white-space: normal; }
  .rows td:empty { display: none; }
  .rows td::before { content: attr(data-label); color: var(--soft); text-align: left; flex: none; }
  .strip { font-size: 12px; }
  .strip th, .strip td { padding: 4px; }
}
@media print {
  body { font-size: 10pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 18pt; margin-top: 8mm; }
  thead { display: table-header-group; }
  tr, .figures, .strip, footer { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
"""

HTML: Final = """\
<!DOCTYPE html>
<html lang="{{ locale }}" dir="{{ direction }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words[kind] }} – {{ account }} – {{ last }}</title>
<style>
{{ style }}
@page { size: {{ paper }}; margin: 18mm 16mm 20mm; @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #5b6875; } }
</style>
</head>
<body>
<main>
<header>
<address>{{ recipient }}</address>
<div class="sender"><strong>{{ sender.name }}</strong><address>{{ sender.lines | join("\\n") }}</address></div>
</header>
<h1>{{ words[kind] }}</h1>
<p class="meta"><span>{{ words.account }} <b>{{ account }}</b></span> <span>{{ words.period }} <b>{{ first }} – {{ last }}</b></span></p>
{% if merged_into %}<p class="note">{{ words.merged_into }} <b>{{ merged_into }}</b>.</p>
{% endif %}
{% if note %}<p class="note">{{ note }}</p>
{% endif %}
{% if not sections %}<p class="note">{{ words.nothing }}</p>
{% endif %}
{% for section in sections %}
<section class="currency">
<h2>{{ section.currency }}</h2>
<div class="figures">
{% for figure in section.figures %}
<div class="{{ figure.look }}"><span>{{ figure.label }}</span><b>{{ figure.amount }}</b></div>
{% endfor %}
</div>
{% if section.lines %}
<h3>{{ words.movements }}</h3>
<table class="rows">
<thead><tr><th scope="col">{{ words.date }}</th><th scope="col">{{ words.text }}</th><th scope="col" class="n">{{ words.amount }}</th><th scope="col" class="n">{{ words.balance }}</th></tr></thead>
<tbody>
{% for line in section.lines %}
<tr{% if line.end %} class="end"{% endif %}><td class="d" data-label="{{ words.date }}">{{ line.date }}</td><td data-label="{{ words.text }}"><span>{{ line.text }}{% if line.note %}<small>{{ line.note }}</small>{% endif %}</span></td><td class="n" data-label="{{ words.amount }}">{{ line.amount }}</td><td class="n" data-label="{{ words.balance }}">{{ line.balance }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
{% if section["items"] %}
<h3>{{ words["items"] }}</h3>
<table class="rows">
<thead><tr><th scope="col">{{ words.document }}</th><th scope="col">{{ words.date }}</th><th scope="col">{{ words.due }}</th><th scope="col" class="n">{{ words.days_overdue }}</th><th scope="col" class="n">{{ words.original }}</th><th scope="col" class="n">{{ words.open }}</th></tr></thead>
<tbody>
{% for item in section["items"] %}
<tr><td data-label="{{ words.document }}"><span>{{ item.text }}{% for each in item.notes %}<small>{{ each }}</small>{% endfor %}</span></td><td class="d" data-label="{{ words.date }}">{{ item.date }}</td><td class="d" data-label="{{ words.due }}">{{ item.due }}</td><td class="n late" data-label="{{ words.days_overdue }}">{{ item.days }}</td><td class="n" data-label="{{ words.original }}">{{ item.original }}</td><td class="n" data-label="{{ words.open }}">{{ item.open }}</td></tr>
{% endfor %}
</tbody>
</table>
{% endif %}
{% if section.strip %}
<h3>{{ words.aging }}</h3>
<table class="strip">
<thead><tr>{% for each in section.strip %}<th scope="col">{{ each.label }}</th>{% endfor %}</tr></thead>
<tbody><tr>{% for each in section.strip %}<td>{{ each.amount }}</td>{% endfor %}</tr></tbody>
</table>
{% endif %}
</section>
{% endfor %}
<footer>
{% if sender.payment %}<div class="payment">{{ sender.payment | join("\\n") }}</div>
{% endif %}
{{ words.check }}: {{ check }}
</footer>
</main>
</body>
</html>
"""

TEXT: Final = """\
{{ sender.name }}
{% for line in sender.lines %}{{ line }}
{% endfor %}

{{ recipient }}

{{ words[kind] }}
{{ words.account }}: {{ account }}
{{ words.period }}: {{ first }} – {{ last }}
{% if merged_into %}
{{ words.merged_into }} {{ merged_into }}.
{% endif %}
{% if note %}

{{ note }}
{% endif %}
{% if not sections %}

{{ words.nothing }}
{% endif %}
{% for section in sections %}

== {{ section.currency }} ==
{{ section.figures_table }}
{% if section.lines %}

{{ words.movements }}
{{ section.lines_table }}
{% endif %}
{% if section["items"] %}

{{ words["items"] }}
{{ section.items_table }}
{% endif %}
{% if section.strip %}

{{ words.aging }}
{{ section.strip_table }}
{% endif %}
{% endfor %}
{% if sender.payment %}

{% for line in sender.payment %}{{ line }}
{% endfor %}
{% endif %}

{{ words.check }}: {{ check }}
"""
