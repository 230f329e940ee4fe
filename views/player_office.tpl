% if medium.lacks and not medium.page_images:
<div class="sentence">
<svg class="kind" aria-hidden="true"><use href="{{asset("icons.svg")}}#file"/></svg>
<p>{{_("The pages of this document cannot be shown here, as this machine lacks {part}. The file can be downloaded as it is.").format(part=medium.lacks)}}</p>
%   if medium.download:
<p><a class="button" href="{{medium.download}}" download>{{_("Download it")}}</a></p>
%   end
</div>
% else:
%   include("player_pdf.tpl")
% end
