% rebase("layout.tpl", title=_("Change {title}").format(title=collection.title))
% here = url("/u/" + person.username + "/collection/" + collection.slug + "/")
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{here}}">{{_("Back without changing")}}</a></p>
<h1>{{_("Change {title}").format(title=collection.title)}}</h1>
% include("_wrong.tpl")
<form method="post" action="{{here}}edit/">
% include("_field.tpl", name="title", label=_("Title"), value=collection.title)
% include("_field.tpl", name="description", label=_("Description"), kind="area", rows=3, value=collection.description)
% include("_seen_by.tpl", visibility=collection.visibility)
<p><button class="button primary">{{_("Keep these changes")}}</button></p>
</form>
<form class="apart" method="post" action="{{here}}delete/">
<p><button class="button">{{_("Dissolve this collection")}}</button> <span class="muted">{{_("What is in it stays where it is.")}}</span></p>
</form>
</div>
