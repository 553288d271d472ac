{{%AUTOESCAPE context="HTML"}}<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{{GLYPH}} {{WORD}}: rollback drill {{RUN_ID}}</title>
</head>
<body bgcolor="#FFFFFF" text="#1A1A1A" link="#0055AA" vlink="#0055AA">
<font face="Helvetica, Arial, sans-serif">
<table width="1000" align="center" border="0" cellpadding="0" cellspacing="0"><tr><td>
<h1>Rollback drill</h1>
<table width="100%" border="0" cellpadding="14" cellspacing="0"><tr><td bgcolor="{{FILL}}"><font color="{{INK}}" size="6"><b>{{GLYPH}} {{WORD}}</b></font><br>
<font color="{{INK}}" size="4">{{WHY}}</font></td></tr></table>
<br>
<table width="100%" border="1" cellpadding="8" cellspacing="0" bordercolor="#BBBBBB">
<tr valign="top" align="left"><th width="34%">On call: how do I get back?</th><th width="33%">Release manager: ship or not?</th><th width="33%">Auditor: what was tested, when?</th></tr>
<tr valign="top">
<td><code>rollproof can-rollback</code><br><code>rollproof rollback --execute</code><br>Interrupted? <code>rollproof recover</code><br><br>
{{#BACK}}{{BACK_TEXT}}<br>{{/BACK}}
<br><a href="#runbook">Runbook for each phase</a></td>
<td><b>{{SHIP}}</b><br><br>{{SHIP_WHY}}<br><br>{{PASS_RATE}}<br>{{MUTANTS}}<br><br><a href="#gate">Clauses of the gate</a> · <a href="#broke">What broke</a></td>
<td>{{TESTED}}<br>from {{STARTED}}<br>to {{FINISHED}}<br>program {{VERSION}}, commit <code>{{COMMIT_SHORT}}</code><br>profile {{PROFILE}}, seed {{SEED}}<br><br><a href="#method">Environment and method</a> · <a href="#evidence">Evidence</a> · <a href="#checklist">Checklist</a></td>
</tr></table>
