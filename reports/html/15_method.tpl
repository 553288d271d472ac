<h2 id="method">15. Environment and method</h2>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB">
{{#FACT}}<tr valign="top"><td>{{NAME}}</td><td>{{VALUE}}</td></tr>
{{/FACT}}</table>
<p>Each story is told once without a fault; then the fault points that the profile chooses are tried one by one, the library recovers, recovers once more, and ten promises are checked by code that shares no reader of data with the library. A fault without the proof that it went off makes its case inconclusive, never green.</p>
{{#LEFT_OUT}}<details><summary>{{COUNT}} fault points were left out, by reason</summary>
<table border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>fault points</th><th>reason</th></tr>
{{#REASON}}<tr><td align="right">{{COUNT}}</td><td>{{TEXT}}</td></tr>
{{/REASON}}</table></details>
{{/LEFT_OUT}}
{{#CONTROLS}}<details><summary>{{SUMMARY}}</summary>
<table border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th></th><th>story</th><th>about</th><th>file operations</th></tr>
{{#CONTROL}}<tr valign="top"><td>{{GLYPH}}</td><td>{{NAME}}</td><td>{{ABOUT}}{{#SEEN}}<br><b>{{TEXT}}</b>{{/SEEN}}</td><td align="right">{{OPERATIONS}}</td></tr>
{{/CONTROL}}</table></details>
{{/CONTROLS}}
<h2 id="evidence">16. Evidence</h2>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>what</th><th>SHA-256, or how to get it</th></tr>
<tr><td>run.json, which this page was made from</td><td><code>{{SHA256}}</code></td></tr>
<tr><td>every file of the folder</td><td><code>sha256sum -c SHA256SUMS</code></td></tr>
<tr><td>this page once more, byte for byte</td><td><code>rollproof-drill report --from run.json --format html</code></td></tr>
{{#ITEM}}<tr><td>{{NAME}}</td><td>{{VALUE}}</td></tr>
{{/ITEM}}</table>
{{#REDACTION}}<p>Redacted: {{TEXT}}</p>
{{/REDACTION}}
<p>This record supports evidence for SOC 2 A1.3 (recovery plan procedures are tested), DORA articles 11 and 12 (response and recovery, backup and restoration), and ISO 22301 clause 8.5 (exercise programme). It replaces neither the judgement of an auditor nor a drill with people.</p>
<h2 id="sign-off">17. Sign-off</h2>
<p>To be filled in by hand: a person has read sections 1 to 4 and decides.</p>
<table width="100%" border="1" cellpadding="10" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th width="25%">role</th><th width="25%">name</th><th width="15%">decision</th><th width="15%">date</th><th width="20%">signature</th></tr>
<tr><td>Release manager</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td></tr>
<tr><td>Migration engineer</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td></tr>
<tr><td>Systems engineer</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td><td>&nbsp;</td></tr>
</table>
<p><font size="2">Run {{RUN_ID}}. This page needs no script, no style sheet and no server.</font></p>
</td></tr></table>
</font>
</body>
</html>
