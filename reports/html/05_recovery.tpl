<h2 id="recovery">5. Recovery time against target</h2>
{{#NO_RECOVERY}}<p>not measured: nothing was recovered from in this run</p>
{{/NO_RECOVERY}}
{{#RANGES}}<svg xmlns="http://www.w3.org/2000/svg" width="{{WIDTH}}" height="{{HEIGHT}}" viewBox="0 0 {{WIDTH}} {{HEIGHT}}" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Recovery time per phase</title>
<desc>Bar from the median to the longest recovery, tick at p95, vertical line at the target; a diamond is a rollback that was really timed. The scale is logarithmic. The table below holds the same.</desc>
{{#TICK}}<line x1="{{X}}" y1="10" x2="{{X}}" y2="{{Y2}}" stroke="#DDDDDD"/><text x="{{X}}" y="{{TY}}" font-size="11" text-anchor="middle">{{TEXT}}</text>
{{/TICK}}
{{#RANGE}}<text x="0" y="{{TY}}" font-size="13">{{PHASE}}</text><rect x="{{X1}}" y="{{Y}}" width="{{W}}" height="14" fill="{{FILL}}" stroke="#1A1A1A"/>{{#P95}}<line x1="{{X}}" y1="{{Y1}}" x2="{{X}}" y2="{{Y2}}" stroke="#1A1A1A" stroke-width="2"/>{{/P95}}<text x="{{LX}}" y="{{TY}}" font-size="11">{{GLYPH}} {{TEXT}}</text>{{#TARGET}}<line x1="{{X}}" y1="{{Y1}}" x2="{{X}}" y2="{{Y2}}" stroke="#1A1A1A" stroke-width="3"/><text x="{{LX}}" y="{{TY}}" font-size="11" text-anchor="end">target {{TEXT}}</text>{{/TARGET}}{{#DIAMOND}}<path d="M{{X}} {{Y1}} L{{XR}} {{YM}} L{{X}} {{Y2}} L{{XL}} {{YM}} Z" fill="#FFFFFF" stroke="#1A1A1A" stroke-width="2"/>{{/DIAMOND}}
{{/RANGE}}
</svg>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>phase</th><th>verdict</th><th>clock</th><th>recoveries</th><th>p50</th><th>p95</th><th>max</th><th>target</th><th>room left</th></tr>
{{#TIME}}<tr><td nowrap>{{PHASE}}</td><td bgcolor="{{FILL}}"><font color="{{INK}}"><b>{{GLYPH}}</b></font></td><td>{{CLOCK}}</td><td align="right">{{COUNT}}</td><td align="right" nowrap>{{P50}}</td><td align="right" nowrap>{{P95}}</td><td align="right" nowrap>{{MAX}}</td><td align="right" nowrap>{{TARGET}}</td><td align="right" nowrap>{{ROOM}}</td></tr>
{{/TIME}}</table>
<p><font size="2">Simulated clock: what the recovery's own calls cost by the harness's model, stalls and waits included. It shows that nothing hangs; it is not the time of your disk. A real clock stands beside it only where your own stores were drilled.</font></p>
{{/RANGES}}
