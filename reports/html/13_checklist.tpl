<h2 id="checklist">13. Checklist</h2>
{{#LIST}}<h3>{{TITLE}}: {{SUMMARY}}</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th></th><th width="190">line</th><th width="130">verdict</th><th>evidence, or what is missing</th></tr>
{{#LINE}}<tr valign="top"><td align="right">{{NUMBER}}</td><td>{{TEXT}}</td><td bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{VERDICT}}</b></font></td><td><font size="2">{{EVIDENCE}}</font></td></tr>
{{/LINE}}</table>
{{/LIST}}
<h2 id="mutants">14. Mutation score and confidence</h2>
{{#NO_MUTANTS}}<p><b>? not measured.</b> No deliberately broken program was run, so this record does not show that the drill notices mistakes.</p>
{{/NO_MUTANTS}}
{{#MUTANTS}}<p><b>{{GLYPH}} {{CAUGHT}} of {{PLANNED}} mutants were caught.</b> Each is a copy of the library with one plausible mistake; the same drill has to catch it.</p>
{{#MISSED}}<p><b>✗ {{NAME}}</b> (promise {{PROMISE}}) got away: {{MISTAKE}}. {{DETAIL}}</p>
{{/MISSED}}
<details><summary>The mutants that were caught</summary><table border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>mutant</th><th>promise</th><th>caught within</th><th>mistake</th></tr>
{{#MUTANT}}<tr valign="top"><td>{{NAME}}</td><td align="right">{{PROMISE}}</td><td align="right">{{TIME}}</td><td>{{MISTAKE}}</td></tr>
{{/MUTANT}}</table></details>
{{/MUTANTS}}
<p>{{CONFIDENCE}}</p>
