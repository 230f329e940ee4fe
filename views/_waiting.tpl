<section class="stage pending" data-poll="{{medium.href}}">
<img src="{{asset("mark.svg")}}" alt="" width="96" height="96">
<h2>{{_("Being prepared")}}</h2>
<p>{{_("It is safely stored. Its copies for the screen are being made; this page shows them when they are done.")}}</p>
<progress max="100" value="{{medium.progress or 0}}" aria-label="{{_("How far it is")}}"></progress>
<p class="muted" data-step>{{medium.step or ""}}</p>
<p class="without-script"><a rel="nofollow" href="{{medium.href}}">{{_("Look again")}}</a></p>
</section>
