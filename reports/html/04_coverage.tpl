<h2 id="coverage">4. Coverage: phase and direction against fault</h2>
{{#NO_MATRIX}}<p>not measured: no scenario was planned in this run</p>
{{/NO_MATRIX}}
{{#HEAT_MAP}}<svg xmlns="http://www.w3.org/2000/svg" width="{{WIDTH}}" height="{{HEIGHT}}" viewBox="0 0 {{WIDTH}} {{HEIGHT}}" role="img" font-family="Helvetica, Arial, sans-serif">
<title>Coverage matrix</title>
<desc>For each phase and direction (rows) and fault (columns) the verdict and the number of cases. The table below holds the same.</desc>
<defs>
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#D55E00"/><path d="M0 8 L8 0" stroke="#8A3D00" stroke-width="2" stroke-opacity="0.35"/></pattern>
<pattern id="dots" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#F0E442"/><circle cx="4" cy="4" r="1" fill="#1A1A1A" fill-opacity="0.35"/></pattern>
</defs>
{{#FAULT}}<text x="{{X}}" y="16" font-size="12" text-anchor="middle">{{NAME}}</text>
{{/FAULT}}
{{#ROW}}<text x="0" y="{{Y}}" font-size="13">{{NAME}}</text>
{{/ROW}}
{{#CELL}}<rect x="{{X}}" y="{{Y}}" width="{{W}}" height="30" fill="{{FILL}}" stroke="{{STROKE}}"{{#DASHED}} stroke-dasharray="4 3"{{/DASHED}}/><text x="{{TX}}" y="{{TY}}" font-size="{{SIZE}}" text-anchor="middle" fill="{{INK}}"{{#BOLD}} font-weight="bold"{{/BOLD}}>{{TEXT}}</text>{{#LEFT}}<text x="{{TX}}" y="{{LY}}" font-size="9" text-anchor="middle" fill="{{INK}}">{{TEXT}}</text>{{/LEFT}}
{{/CELL}}
</svg>
<p><font size="2">✓ cases that passed (blue) · ✗ failed of run (vermilion, hatched) · ? inconclusive: no proof that the fault went off, or not run to its end (yellow, dotted) · ○ planned and not run (dashed outline) · n/a can not happen here · a dot: nothing planned. The small number: scenarios (steps and stores) of the field that were not run.</font></p>
<details><summary>The same as a table</summary>
<table border="1" cellpadding="4" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>phase</th><th>direction</th>{{#FAULT}}<th>{{NAME}}</th>{{/FAULT}}</tr>
{{#TABLE_ROW}}<tr><td>{{PHASE}}</td><td>{{DIRECTION}}</td>{{#FIELD}}<td>{{TEXT}}{{#LEFT}}<br>○ {{TEXT}}{{/LEFT}}</td>{{/FIELD}}</tr>
{{/TABLE_ROW}}</table></details>
{{/HEAT_MAP}}
{{#STEPS}}<details><summary>{{NAME}}, every step and pair of stores: {{SUMMARY}}</summary>
<table border="1" cellpadding="3" cellspacing="0" bordercolor="#BBBBBB">
<tr bgcolor="#EEEEEE" align="left"><th>step</th><th>stores</th>{{#FAULT}}<th>{{NAME}}</th>{{/FAULT}}</tr>
{{#STEP}}<tr><td>{{NAME}}</td><td>{{STORE}}</td>{{#FIELD}}<td>{{TEXT}}</td>{{/FIELD}}</tr>
{{/STEP}}</table></details>
{{/STEPS}}
<h3>Gaps</h3>
<p>{{STEPS_COMPLETE}}</p>
{{#NOT_APPLICABLE}}<p>Not applicable: {{WHAT}} ({{REASON}}).</p>
{{/NOT_APPLICABLE}}
{{#GAPS}}<details><summary>{{COUNT}} without a single case, with the reason{{#GAPS_CUT}}; the first {{LISTED}}{{/GAPS_CUT}}</summary><ul>
{{#GAP}}<li><code>{{ID}}</code>: {{REASON}}</li>
{{/GAP}}</ul></details>
{{/GAPS}}
