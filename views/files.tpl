% rebase("layout.tpl", title=_("Files beside {title}").format(title=medium.title))
<div class="page">
<p class="crumb"><a data-key="Escape" href="{{medium.href}}">{{_("Back to {title}").format(title=medium.title)}}</a></p>
<h1>{{_("Files beside {title}").format(title=medium.title)}}</h1>
% include("_wrong.tpl")
% if files.all:
<ul class="rows">
%   for file in [*files.subtitles, *files.attachments]:
<li class="row two"><span class="row-name">{{file.name}}</span><span class="row-said">{{_("Subtitles: {label}").format(label=file.label) if file.kind == "subtitles" else _("Attachment")}}, {{_("from inside the film") if file.inside else size(file.bytes)}}\\
%     if file.tells_place:
. {{_("They tell where it was filmed: others see them once they may see the place.")}}\\
%     end
</span>
<span class="dos"><a class="button" href="{{here}}{{file.id}}/" aria-label="{{_("Change {name}").format(name=file.name)}}">{{_("Change")}}</a>
<form method="post" action="{{here}}{{file.id}}/delete/"><button class="button" aria-label="{{_("Remove {name}").format(name=file.name)}}">{{_("Remove")}}</button></form></span></li>
%   end
</ul>
% else:
<p class="muted">{{_("Nothing is here yet.")}}</p>
% end
% if not may_add:
<p class="muted">{{_("You may not add files here. Ask the keeper of this gallery.")}}</p>
% end
% include("_languages.tpl")
% if may_add and subtitled:
<section aria-labelledby="add-subtitles">
<h2 id="add-subtitles">{{_("Add subtitles")}}</h2>
<form method="post" action="{{here}}" enctype="multipart/form-data">
<input type="hidden" name="kind" value="subtitles">
<div class="field"><label for="subtitles-file">{{_("A file in WebVTT or SRT")}}</label><input id="subtitles-file" type="file" name="file" accept=".vtt,.srt,text/vtt" required></div>
%   include("_field.tpl", name="language", label=_("Language"), kind="text", value="", options="languages", exact=True, hint=_("As a tag: de, en-GB, pt-BR. Empty: what the file's name says. Say it for old files, whose letters depend on it."))
%   include("_field.tpl", name="label", label=_("What readers choose it by"), kind="text", value="", options="", exact=False, hint=_("Empty: the language's own name."))
<p><button class="button primary">{{_("Add these subtitles")}}</button></p>
</form>
</section>
% end
% if may_add:
<section aria-labelledby="add-attachment">
<h2 id="add-attachment">{{_("Attach a file")}}</h2>
<p class="muted">{{_("Any file, for whoever may see this to download.")}} \\
% if max_bytes:
{{_("A file may be {size} at most.").format(size=size(max_bytes))}}\\
% end
</p>
<form method="post" action="{{here}}" enctype="multipart/form-data">
<input type="hidden" name="kind" value="attachment">
<div class="field"><label for="attachment-file">{{_("A file")}}</label><input id="attachment-file" type="file" name="file" required></div>
<p><button class="button{{"" if subtitled else " primary"}}">{{_("Attach it")}}</button></p>
</form>
</section>
% end
% if wrong.get("file"):
<p class="wrong" role="alert">{{wrong["file"]}}</p>
% end
</div>
