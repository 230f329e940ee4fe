% rebase("layout.tpl", title=_("Change {title}").format(title=file.name))
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{back}}">{{_("Back without changing")}}</a></p>
<h1>{{_("Change {title}").format(title=file.name)}}</h1>
<p class="muted">{{_("It is beside {title}.").format(title=medium.title)}}</p>
% include("_wrong.tpl")
<form method="post" action="{{here}}" enctype="multipart/form-data">
% if file.kind == "subtitles":
%   include("_languages.tpl")
%   include("_field.tpl", name="language", label=_("Language"), kind="text", value=file.language, options="languages", exact=True, hint=_("As a tag: de, en-GB, pt-BR."))
%   include("_field.tpl", name="label", label=_("What readers choose it by"), kind="text", value=file.own_label, options="", exact=False, hint=_("Empty: the language's own name."))
% end
% include("_field.tpl", name="name", label=_("Name of the file"), kind="text", value=file.name, options="", exact=True, hint="")
% if file.kind == "subtitles":
%   include("_field.tpl", name="text", label=_("The subtitles themselves"), kind="area", rows=20, value=text, exact=False, hint=_("Each has a line of times, and its text below; a blank line parts them. The file you added stays as it is.") if file.file else _("Each has a line of times, and its text below; a blank line parts them. The film stays as it is."))
% end
<p class="actions"><button class="button primary">{{_("Keep these changes")}}</button> <a class="button" href="{{back}}">{{_("Leave as it was")}}</a>
% if file.file:
 <a class="button" href="{{url(file.file)}}" download>{{_("The file as it was added")}}</a>
% end
</p>
</form>
<section aria-labelledby="away">
<h2 id="away">{{_("Remove it")}}</h2>
<p class="muted">{{_("You can bring it back right after.")}}</p>
<form method="post" action="{{here}}delete/"><button class="button">{{_("Remove {name}").format(name=file.name)}}</button></form>
</section>
</div>
