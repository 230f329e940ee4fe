% rebase("layout.tpl", title=medium.title, scripts=["media.js"])
% icons = asset("icons.svg")
<article class="medium" data-medium="{{medium.id}}">
<div class="wall">
% if previous:
<a class="step back" rel="prev" data-key="ArrowLeft" href="{{previous.href}}"><svg class="icon" role="img" aria-label="{{_("Previous: {title}").format(title=previous.title)}}"><use href="{{icons}}#left"/></svg></a>
% end
% if medium.copying:
%   include("_copying.tpl")
% elif medium.ready:
%   coming = medium.leaves and medium.leaves.coming
<figure class="stage {{medium.kind}} r{{medium.ratio}}{{" clear" if medium.clear else ""}}" data-kind="{{medium.kind}}"{{!' data-poll="%s"' % medium.href if coming else ""}}>
%   include(medium.player)
</figure>
% elif medium.state == "failed":
%   include("_failed.tpl")
% else:
%   include("_waiting.tpl")
% end
% if next:
<a class="step on" rel="next" data-key="ArrowRight" href="{{next.href}}"><svg class="icon" role="img" aria-label="{{_("Next: {title}").format(title=next.title)}}"><use href="{{icons}}#right"/></svg></a>
% end
</div>
<div class="about">
<div class="told">
<h1>{{medium.title}}</h1>
<p class="muted"><a href="{{url("/u/" + medium.person.username + "/")}}">{{medium.person.shown_name}}</a> · <time datetime="{{medium.created}}">{{_("added {when}").format(when=age(medium.created))}}</time>\\
% if medium.edit:
%   seen_by = {"public": _("everybody may see it"), "unlisted": _("for whoever has the address"), "members": _("members may see it"), "private": _("only you see it")}
 · {{seen_by[medium.visibility]}}\\
% end
% if medium.taken:
 · <time datetime="{{medium.taken}}">{{_("taken {day}").format(day=day(medium.taken))}}</time>\\
% end
</p>
% include("_actions.tpl")
% if medium.description_html:
<div class="text">{{!medium.description_html}}</div>
% end
% if medium.tags:
<ul class="tags" aria-label="{{_("Tags")}}">
%   for tag, href in medium.tag_links:
<li><a href="{{href}}">#{{tag}}</a></li>
%   end
</ul>
% end
{{!slot("media", medium=medium)}}
</div>
% include("_facts.tpl")
<p class="crumb"><a data-key="Escape" href="{{back}}">{{_("Back to the gallery")}}</a></p>
</div>
</article>
