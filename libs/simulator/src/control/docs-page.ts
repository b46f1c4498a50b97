import { exampleOf } from './document.js';
import type { Fields, Schema } from './field.js';
import type { ControlOperation, ControlTopic } from './operation.js';

/** The document for people: every operation with its fields and a command that can be pasted. */
export function docsPage(topics: ControlTopic[], url: string, hasPhones: boolean): string {
  const contents = topics.map(({ name }) => `<a href="#${anchor(name)}">${escapeHtml(name)}</a>`).join('');
  const chapters = topics.map((topic) => chapter(topic, url)).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Control interface of the simulator</title>
<style>${STYLE}</style>
<header><h1>Control interface</h1>
<p>Everything that people do with their phones in the simulated network, over HTTP and JSON. No password; only this
machine can reach it, and pages of other websites are refused. Errors are <code>{ "error": "a sentence", "code": "…" }</code>.</p>
<p class="links"><a href="/openapi.json">OpenAPI document</a>${hasPhones ? '<a href="/">Phones</a>' : ''}</p>
<nav aria-label="Topics">${contents}</nav></header>
<main>${chapters}</main>
</html>`;
}

function chapter({ name, about, operations }: ControlTopic, url: string): string {
  const list = operations.map((operation) => article(operation, url)).join('');
  return `<section id="${anchor(name)}"><h2>${escapeHtml(name)}</h2><p>${escapeHtml(about)}</p>${list}</section>`;
}

function article(operation: ControlOperation, url: string): string {
  const { method, path, name, summary, details, query = {}, body = {}, refusals = {} } = operation;
  const fields = [...Object.entries(query).map(([key, schema]) => [`?${key}`, schema] as const), ...bodyEntries(body)];
  const rows = fields.map(([key, schema]) => row(key, schema)).join('');
  const statuses = Object.entries(refusals).map(([status, text]) => `<li><b>${status}</b> ${escapeHtml(text)}</li>`);
  return `<details id="${name}"><summary><code class="${method.toLowerCase()}">${method}</code> <code>${escapeHtml(path)}</code>
<span>${escapeHtml(summary)}</span></summary>
${details ? `<p>${prose(details)}</p>` : ''}
${rows ? `<table><thead><tr><th scope="col">Field</th><th scope="col">What</th></tr></thead><tbody>${rows}</tbody></table>` : ''}
${statuses.length ? `<ul>${statuses.join('')}</ul>` : ''}
<pre><code>${escapeHtml(curl(operation, url))}</code></pre></details>`;
}

const bodyEntries = (body: Fields): (readonly [string, Schema])[] => Object.entries(body);

function row(key: string, { description = '', type, enum: values }: Schema): string {
  const isOptional = key.endsWith('?') || key.startsWith('?');
  const label = key.startsWith('?') ? key : key.replace(/\?$/, '');
  const kind = values ? values.join(' · ') : (type ?? '');
  return `<tr><th scope="row"><code>${escapeHtml(label)}</code>${isOptional ? '' : ' <em>needed</em>'}</th>
<td>${escapeHtml(description)} <small>${escapeHtml(kind)}</small></td></tr>`;
}

/** The operation as a command for a shell. */
function curl({ method, path, body, stream, example }: ControlOperation, url: string): string {
  const target = `${url}${path.replace('{number}', '6281300000002').replace(/\{\w+\}/g, '1')}`;
  const verb = method === 'GET' ? (stream ? ' -N' : '') : ` -X ${method}`;
  const json = body
    ? ` -H 'content-type: application/json' \\\n  -d '${JSON.stringify(example ?? exampleOf(body))}'`
    : '';
  return `curl${verb} ${target}${json}`;
}

/** Text in which what stands between backticks is code. */
const prose = (text: string): string => escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');

const anchor = (name: string): string => name.toLowerCase().replace(/\W+/g, '-');

const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const STYLE = `
:root{--ink:#2b2230;--soft:#6f6373;--line:#e7ddd2;--paper:#faf6f0;--card:#fffdfa;--accent:#7a3b69}
@media (prefers-color-scheme:dark){:root{--ink:#f2e9ee;--soft:#b0a2b2;--line:#382d3d;--paper:#17121a;--card:#211a25;--accent:#f0ab84}}
*{box-sizing:border-box}body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1.5rem 1rem 4rem;color:var(--ink);background:var(--paper)}
h1{margin:0}h2{margin:2.5rem 0 .25rem}p{color:var(--soft);margin:.25rem 0 .75rem}a{color:var(--accent)}
nav,.links{display:flex;flex-wrap:wrap;gap:.25rem 1rem}details{background:var(--card);border:1px solid var(--line);border-radius:.6rem;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}summary span{color:var(--soft);margin-left:.4rem}code,pre{font:13px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
summary code:first-child{font-weight:700;color:var(--accent)}pre{background:var(--paper);border-radius:.4rem;padding:.6rem .8rem;white-space:pre-wrap}
table{border-collapse:collapse;width:100%;margin:.5rem 0}th{text-align:left;font-weight:400;white-space:nowrap;padding-right:1rem}th,td{border-top:1px solid var(--line);padding:.3rem .5rem .3rem 0;vertical-align:top}
thead th{color:var(--soft);font-size:.85rem;border:0}em,small{color:var(--soft);font-size:.85em}
`;
