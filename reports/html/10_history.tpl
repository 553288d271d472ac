<h2 id="baseline">10. Change since the baseline</h2>
<p>{{BASELINE_TEXT}}</p>
<h2 id="trend">11. Trend</h2>
{{#NO_TREND}}<p>not measured: the record holds no earlier runs</p>
{{/NO_TREND}}
{{#TREND}}<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>run</th><th>started</th><th>verdict</th><th>scenarios passed</th><th>planned</th></tr>
{{#EARLIER}}<tr><td>{{ID}}</td><td>{{WHEN}}</td><td>{{VERDICT}}</td><td align="right">{{PASSED}}</td><td align="right">{{PLANNED}}</td></tr>
{{/EARLIER}}</table>
{{/TREND}}
<h2 id="known">12. Known failures</h2>
{{#NO_KNOWN}}<p>None are excused in this run.</p>
{{/NO_KNOWN}}
{{#KNOWN}}<table width="100%" border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB"><tr bgcolor="#EEEEEE" align="left"><th>scenario</th><th>owner</th><th>ticket</th><th>reason</th><th>since</th><th>expires</th><th>state</th></tr>
{{#FAILURE}}<tr valign="top"><td>{{ID}}</td><td>{{OWNER}}</td><td>{{TICKET}}</td><td>{{REASON}}</td><td>{{SINCE}}</td><td>{{EXPIRES}}</td><td>{{STATE}}</td></tr>
{{/FAILURE}}</table>
{{/KNOWN}}
