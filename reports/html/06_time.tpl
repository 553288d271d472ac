<h2 id="time">6. Where the time goes</h2>
<p>{{DURATION}}</p>
{{#WORK}}<svg xmlns="http://www.w3.org/2000/svg" width="{{WIDTH}}" height="{{HEIGHT}}" viewBox="0 0 {{WIDTH}} {{HEIGHT}}" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Disk contents recovered and checked, by fault</title>
<desc>One bar per fault. The numbers stand beside the bars.</desc>
{{#BAR}}<text x="0" y="{{TY}}" font-size="13">{{FAULT}}</text><rect x="150" y="{{Y}}" width="{{W}}" height="14" fill="#56B4E9" stroke="#1A1A1A"/><text x="{{LX}}" y="{{TY}}" font-size="12">{{COUNT}} ({{SHARE}} %), longest recovery {{LONGEST}}</text>
{{/BAR}}
</svg>
{{/WORK}}
{{#PARTS}}<p>The longest recovery of each phase, by the simulated clock: detect (de), decide (dc), undo or finish (un), verify (ve).</p>
<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="{{HEIGHT}}" viewBox="0 0 1000 {{HEIGHT}}" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Parts of the longest recovery of each phase</title>
<desc>One bar per phase, made of detect, decide, undo and verify. The table behind it has the numbers.</desc>
{{#STACK}}<text x="0" y="{{TY}}" font-size="13">{{PHASE}}</text>{{#PIECE}}<rect x="{{X}}" y="{{Y}}" width="{{W}}" height="18" fill="{{COLOUR}}" stroke="#1A1A1A"><title>{{WHAT}}</title></rect><text x="{{TX}}" y="{{TY}}" font-size="11" text-anchor="middle">{{LETTER}}</text>{{/PIECE}}<text x="{{LX}}" y="{{TY}}" font-size="12">{{TOTAL}}</text>
{{/STACK}}</svg>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>phase</th><th>detect</th><th>decide</th><th>undo</th><th>verify</th><th>together</th><th>in</th></tr>
{{#PART}}<tr><td>{{PHASE}}</td><td>{{DETECT}}</td><td>{{DECIDE}}</td><td>{{UNDO}}</td><td>{{VERIFY}}</td><td>{{TOTAL}}</td><td>{{WHICH}}</td></tr>
{{/PART}}</table>
{{/PARTS}}
{{#NO_PARTS}}<p>Parts of a recovery (detect, decide, undo, verify): not measured.</p>
{{/NO_PARTS}}
