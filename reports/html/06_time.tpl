<h2 id="time">6. Where the time goes</h2>
<p>{{DURATION}}</p>
{{#WORK}}<svg xmlns="http://www.w3.org/2000/svg" width="{{WIDTH}}" height="{{HEIGHT}}" viewBox="0 0 {{WIDTH}} {{HEIGHT}}" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Disk contents recovered and checked, by fault</title>
<desc>One bar per fault. The numbers stand beside the bars.</desc>
{{#BAR}}<text x="0" y="{{TY}}" font-size="13">{{FAULT}}</text><rect x="150" y="{{Y}}" width="{{W}}" height="14" fill="#56B4E9" stroke="#1A1A1A"/><text x="{{LX}}" y="{{TY}}" font-size="12">{{COUNT}} ({{SHARE}} %), longest recovery {{LONGEST}}</text>
{{/BAR}}
</svg>
{{/WORK}}
{{#PARTS}}<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>phase</th><th>detect</th><th>decide</th><th>undo</th><th>verify</th></tr>
{{#PART}}<tr><td>{{PHASE}}</td><td>{{DETECT}}</td><td>{{DECIDE}}</td><td>{{UNDO}}</td><td>{{VERIFY}}</td></tr>
{{/PART}}</table>
{{/PARTS}}
{{#NO_PARTS}}<p>Parts of a recovery (detect, decide, undo, verify): not measured.</p>
{{/NO_PARTS}}
