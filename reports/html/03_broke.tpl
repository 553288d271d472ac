<h2 id="broke">3. What broke</h2>
{{#NOTHING_BROKE}}<p>{{TEXT}}</p>
{{/NOTHING_BROKE}}
{{#BROKEN_FIRST}}<p>{{SUMMARY}}</p>
<table width="100%" border="1" cellpadding="6" cellspacing="0" bordercolor="#BBBBBB">
{{#BROKEN}}<tr valign="top"><td width="150" bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{GLYPH}}&nbsp;{{CATEGORY}}</b></font></td>
<td><b>{{OBSERVED}}</b><br>{{ID}}<br>{{CASES}}{{#REPLAY}}<br>replay: <code>{{LINE}}</code>{{/REPLAY}}{{#OTHERS}}<details><summary>and in {{COUNT}}{{#OTHERS_CUT}}, the first {{LISTED}}{{/OTHERS_CUT}}</summary>{{#OTHER}}{{ID}}{{#OTHER_REPLAY}}<br>replay: <code>{{LINE}}</code>{{/OTHER_REPLAY}}<br>{{/OTHER}}</details>{{/OTHERS}}</td></tr>
{{/BROKEN}}</table>
{{/BROKEN_FIRST}}
{{#BROKEN_REST}}<details><summary>{{COUNT}}{{#REST_CUT}}, the next {{LISTED}}{{/REST_CUT}}</summary>
<table width="100%" border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB">
{{#BROKEN}}<tr valign="top"><td>{{GLYPH}}&nbsp;{{CATEGORY}}</td><td>{{ID}}: {{OBSERVED}}{{#REPLAY}}<br><code>{{LINE}}</code>{{/REPLAY}}</td></tr>
{{/BROKEN}}</table></details>
{{/BROKEN_REST}}
{{#OUTSIDE}}<h3>In control runs and random stories</h3>
<table width="100%" border="1" cellpadding="6" cellspacing="0" bordercolor="#BBBBBB">
{{#OUTSIDE_ROW}}<tr valign="top"><td width="150" bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{GLYPH}}&nbsp;promise {{PROMISE}}</b></font></td><td><b>{{WHAT}}</b><br>{{CASE}}<br>replay: <code>{{LINE}}</code></td></tr>
{{/OUTSIDE_ROW}}</table>
{{/OUTSIDE}}
{{#FINDINGS}}<h3>Made small</h3>
<table width="100%" border="1" cellpadding="5" cellspacing="0" bordercolor="#BBBBBB">
<tr align="left" bgcolor="#EEEEEE"><th>promise</th><th>what it takes</th><th>operations</th><th>run it alone</th></tr>
{{#FINDING}}<tr valign="top"><td align="right">{{PROMISE}}</td><td>{{WORDS}}<br>{{FAULT}}</td><td align="right">{{OPERATIONS}}</td><td><code>rollproof-drill run --scenario {{FILE}}</code></td></tr>
{{/FINDING}}</table>
{{/FINDINGS}}
{{#VIOLATIONS}}<details><summary>{{SUMMARY}}</summary>
<table width="100%" border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB">
<tr align="left" bgcolor="#EEEEEE"><th>promise</th><th>what</th><th>case</th></tr>
{{#VIOLATION}}<tr valign="top"><td align="right">{{PROMISE}}</td><td>{{WHAT}}</td><td><code>{{CASE}}</code></td></tr>
{{/VIOLATION}}</table></details>
{{/VIOLATIONS}}
