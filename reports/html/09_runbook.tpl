<h2 id="runbook">9. Runbook</h2>
<p>What to type, how long it takes, how to check, when to stop. Each command that changes something prints its plan and stops unless it has <code>--execute</code>.</p>
{{#RUNBOOK}}<h3 id="runbook-{{PHASE}}">In {{PHASE}}: back within {{LIMIT}}</h3>
<p>{{STATE}}<br><b>Time to get back:</b> {{MEASURED}}</p>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th width="34%">when</th><th width="36%">type</th><th width="30%">it worked if</th></tr>
{{#STEP}}<tr valign="top"><td>{{WHEN}}</td><td><code>{{TYPE}}</code></td><td>{{CHECK}}</td></tr>
{{/STEP}}</table>
<p><b>Stop when:</b> {{ABORT}}</p>
{{/RUNBOOK}}
<h3>When a command ends with</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>exit code</th><th>it means</th><th>next</th></tr>
{{#CODE}}<tr valign="top"><td align="right"><b>{{NUMBER}}</b></td><td>{{WHAT}}</td><td>{{NEXT}}</td></tr>
{{/CODE}}</table>
