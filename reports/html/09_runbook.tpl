<h2 id="runbook">9. Runbook</h2>
<p>What to type, how long it takes, how to check, when to stop. A command that changes something prints its plan and stops unless it has <code>--execute</code>. <b>{{WARNING}}</b></p>
<h3>First, in any phase</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th width="30%">when</th><th width="28%">type</th><th width="42%">it worked if</th></tr>
{{#STEP_BEFORE}}<tr valign="top"><td>{{WHEN}}</td><td><code>{{TYPE}}</code></td><td>{{CHECK}}</td></tr>
{{/STEP_BEFORE}}</table>
<h3>Then go back, by phase</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th width="10%">phase</th><th width="25%">where the data is</th><th width="32%">type</th><th width="17%">how long</th><th width="16%">stop when</th></tr>
{{#RUNBOOK}}<tr valign="top" id="runbook-{{PHASE}}"><td><b>{{PHASE}}</b><br>limit {{LIMIT}}</td><td>{{STATE}}</td><td><code>{{TYPE}}</code><br>worked if: {{CHECK}}{{#PART_WAY}}<br><br>one phase only:<br><code>{{TYPE}}</code>{{/PART_WAY}}</td><td>{{MEASURED}}</td><td>{{ABORT}}</td></tr>
{{/RUNBOOK}}</table>
<h3>When it was interrupted, and when it is done</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th width="30%">when</th><th width="28%">type</th><th width="42%">it worked if</th></tr>
{{#STEP_AFTER}}<tr valign="top"><td>{{WHEN}}</td><td><code>{{TYPE}}</code></td><td>{{CHECK}}</td></tr>
{{/STEP_AFTER}}</table>
<h3>When a command ends with</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>exit code</th><th>it means</th><th>next</th></tr>
{{#CODE}}<tr valign="top"><td align="right"><b>{{NUMBER}}</b></td><td>{{WHAT}}</td><td>{{NEXT}}</td></tr>
{{/CODE}}</table>
