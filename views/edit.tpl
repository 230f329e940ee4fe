% rebase("layout.tpl", title=_("Change {title}").format(title=medium.title))
<form class="page" method="post" action="{{medium.edit}}">
<p class="crumb"><a data-key="Escape" href="{{medium.href}}">{{_("Back without changing")}}</a></p>
<h1>{{_("Change {title}").format(title=medium.title)}}</h1>
% if medium.thumb:
<p class="glance r{{medium.ratio}}"><img src="{{medium.thumb}}" alt="" width="{{medium.ratio}}" height="100"></p>
% end
% include("_wrong.tpl")
% include("_field.tpl", name="title", label=_("Title"), value=medium.title)
% include("_field.tpl", name="description", label=_("Description"), kind="area", rows=5, value=medium.description, hint=_("Markdown works here: **bold**, [a link](https://example.org)"))
% include("_field.tpl", name="tags", label=_("Tags"), kind="text", value=", ".join(medium.tags), hint=_("With commas between: sea, summer"))
% include("_seen_by.tpl", visibility=medium.visibility)
<fieldset class="checks"><legend>{{_("What others get")}}</legend>
<label class="check"><input type="hidden" name="show_place" value="no"><input type="checkbox" name="show_place" value="yes"{{!" checked" if medium.show_place else ""}}> {{_("Show where it was taken")}}</label>
<label class="check"><input type="hidden" name="show_facts" value="no"><input type="checkbox" name="show_facts" value="yes"{{!" checked" if medium.show_facts else ""}}> {{_("Show camera and other facts")}}</label>
<label class="check"><input type="hidden" name="share_original" value="no"><input type="checkbox" name="share_original" value="yes"{{!" checked" if medium.share_original else ""}}> {{_("Let others have the untouched file, with all that is in it")}}</label>
</fieldset>
% if collections:
<fieldset class="checks"><legend>{{_("Collections")}}</legend>
<input type="hidden" name="collection" value="">
%   for one in collections:
<label class="check"><input type="checkbox" name="collection" value="id:{{one["id"]}}"{{!" checked" if one["chosen"] else ""}}> {{one["title"]}}</label>
%   end
</fieldset>
% end
<div class="field"><label for="license">{{_("Licence")}}</label>
<select id="license" name="license">
% for address, label in licences:
<option value="{{address}}"{{!" selected" if fields.get("license", medium.license or "") == address else ""}}>{{label}}</option>
% end
</select></div>
% include("_field.tpl", name="taken", label=_("When it was taken"), kind="datetime-local", value=(medium.taken or "")[:16])
% include("_field.tpl", name="slug", label=_("Address"), kind="text", value=medium.slug, hint=_("The last part of its page's address. Old links stop working when it changes."), exact=True)
<p class="actions"><button class="button primary">{{_("Keep these changes")}}</button> <a class="button" href="{{medium.href}}">{{_("Leave as it was")}}</a></p>
<p><a href="{{medium.files}}">{{_("Subtitles and files beside it")}}</a></p>
<p><a href="{{medium.again}}">{{_("Prepare its copies again, with other settings if you like")}}</a></p>
</form>
