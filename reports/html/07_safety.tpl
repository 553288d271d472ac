<h2 id="safety">7. Data safety in numbers</h2>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>promise</th><th>verdict</th><th>broken</th><th>checked in</th></tr>
{{#PROMISE}}<tr><td>{{NUMBER}}. {{TEXT}}</td><td bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{GLYPH}} {{VERDICT}}</b></font></td><td align="right">{{BROKEN}}</td><td>{{CHECKED}}</td></tr>
{{/PROMISE}}</table>
{{#VIOLATIONS_CUT}}<p>The record lists {{LISTED}} of {{TOTAL}} violations, at least one of each promise that was broken.</p>
{{/VIOLATIONS_CUT}}
{{#INTEGRITY}}<p>Records compared: {{CHECKED}}; missing {{MISSING}}, too many {{EXTRA}}, changed {{CHANGED}}, doubled {{DUPLICATED}}.</p>
{{/INTEGRITY}}
{{#NO_INTEGRITY}}<p>Counts of single records (compared, missing, too many, changed, doubled): not measured; the record counts disk contents, each compared whole.</p>
{{/NO_INTEGRITY}}
<h2 id="timelines">8. Timelines of the worst</h2>
{{#NO_TIMELINE}}<p>{{TEXT}}</p>
{{/NO_TIMELINE}}
{{#TIMELINE}}<p><b>{{GLYPH}} {{ID}}</b></p>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB">
<tr><td>fault</td><td>{{FAULT}}</td></tr>
<tr><td>recovery</td><td>{{RECOVERY}}</td></tr>
<tr><td>seen</td><td>{{SEEN}}</td></tr>
<tr><td>operations, one by one</td><td><code>{{REPLAY}}</code></td></tr>
</table>
{{/TIMELINE}}
