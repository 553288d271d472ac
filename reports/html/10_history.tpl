<h2 id="baseline">10. Change since the baseline</h2>
<p>{{BASELINE_TEXT}}</p>
<h2 id="trend">11. Trend</h2>
{{#NO_TREND}}<p>not measured: the record holds no earlier runs</p>
{{/NO_TREND}}
{{#TREND}}<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="150" viewBox="0 0 1000 150" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Share of planned scenarios that passed, run by run</title>
<desc>One bar per run, the oldest first and this one last. The table below holds the same.</desc>
<line x1="60" y1="20" x2="1000" y2="20" stroke="#DDDDDD"/><text x="0" y="24" font-size="11">100 %</text><line x1="60" y1="120" x2="1000" y2="120" stroke="#1A1A1A"/><text x="0" y="124" font-size="11">0 %</text>
{{#TREND_BAR}}<rect x="{{X}}" y="{{Y}}" width="{{W}}" height="{{H}}" fill="{{FILL}}" stroke="#1A1A1A"/><text x="{{TX}}" y="136" font-size="12" text-anchor="middle">{{GLYPH}}</text>
{{/TREND_BAR}}</svg>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>run</th><th>started</th><th>verdict</th><th>scenarios passed</th><th>planned</th><th>slowest recovery</th></tr>
{{#EARLIER}}<tr><td>{{ID}}</td><td>{{WHEN}}</td><td>{{VERDICT}}</td><td align="right">{{PASSED}}</td><td align="right">{{PLANNED}}</td><td align="right">{{RECOVERY}}</td></tr>
{{/EARLIER}}</table>
{{/TREND}}
<h2 id="known">12. Known failures</h2>
{{#NO_KNOWN}}<p>None are excused in this run.</p>
{{/NO_KNOWN}}
{{#KNOWN}}<table width="100%" border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>scenario</th><th>owner</th><th>ticket</th><th>reason</th><th>since</th><th>expires</th><th>state</th></tr>
{{#FAILURE}}<tr valign="top"><td>{{ID}}</td><td>{{OWNER}}</td><td>{{TICKET}}</td><td>{{REASON}}</td><td>{{SINCE}}</td><td>{{EXPIRES}}</td><td>{{STATE}}</td></tr>
{{/FAILURE}}</table>
{{/KNOWN}}
