% rebase("layout.tpl", title=person.shown_name, scripts=["gallery.js"])
% home = "/u/" + person.username + "/"
% own = bool(viewer and viewer.username == person.username)
<div class="head person">
<span class="face large" aria-hidden="true">{{person.shown_name[:1].upper()}}</span>
<h1>{{person.shown_name}}</h1>
<p class="muted">{{_("{count} to see").format(count=total)}}</p>
% if person.bio:
<div class="text">{{!bio_html}}</div>
% end
% if own:
<p><a class="button" href="{{url("/edit/profile/")}}">{{_("Change your profile")}}</a></p>
% end
</div>
% if items:
<section aria-labelledby="newest">
<div class="head"><h2 id="newest">{{_("Newest")}}</h2><a href="{{url(home + "gallery/")}}">{{_("The whole gallery")}}</a></div>
%   include("_grid.tpl")
{{!piece("_lightbox.tpl")}}
</section>
% elif own:
%   include("_empty.tpl", heading=_("Your wall is still bare"), sentence=_("What you add shows up here, for those you allow to see it."), step=url("/submit/"), step_label=_("Add media"))
% else:
%   include("_empty.tpl", heading=_("Nothing to see here yet"), sentence=_("{name} has not shown you anything so far.").format(name=person.shown_name))
% end
% if collections:
<section aria-labelledby="collections">
<div class="head"><h2 id="collections">{{_("Collections")}}</h2><a href="{{url(home + "collections/")}}">{{_("All collections")}}</a></div>
%   include("_covers.tpl", covers=collections)
</section>
% end
