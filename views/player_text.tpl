<pre class="writing{{" screen" if medium.data["screen"] else ""}}" tabindex="0" role="region" dir="ltr" aria-label="{{medium.title}}">
% if medium.data["runs"]:
%   for look, words in medium.data["runs"]:
<span class="{{look}}">{{words}}</span>\\
%   end
% else:
{{medium.data["text"]}}\\
% end
% if medium.data["cut"]:
<em>{{_("Only the beginning is shown here, and long lines are cut. The file has it all.")}}</em>\\
% end
</pre>
