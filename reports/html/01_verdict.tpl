<h2 id="verdict">1. What this run shows, and what it does not</h2>
<table width="100%" border="0" cellpadding="4" cellspacing="0"><tr valign="top">
<td width="50%"><b>It shows</b><ul>
{{#SHOWN}}<li>{{LINE}}</li>
{{/SHOWN}}</ul></td>
<td width="50%"><b>It does not show</b><ul>
{{#NOT_SHOWN}}<li>{{LINE}}</li>
{{/NOT_SHOWN}}</ul></td>
</tr></table>
