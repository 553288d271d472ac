<h2 id="gate">2. Gate</h2>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr align="left" bgcolor="#EEEEEE"><th>clause</th><th>verdict</th><th>measured</th><th>limit</th><th>margin</th><th>why</th></tr>
{{#CLAUSE}}<tr valign="top"><td>{{NAME}}</td><td bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{GLYPH}}&nbsp;{{VERDICT}}</b></font></td><td>{{MEASURED}}</td><td>{{LIMIT}}</td><td>{{MARGIN}}</td><td>{{REASON}}</td></tr>
{{/CLAUSE}}</table>
{{#EXIT_CODE}}<p>The run ended with exit code <b>{{CODE}}</b>: {{MEANING}}.</p>
{{/EXIT_CODE}}
