<img class="picture" src="{{medium.view}}" srcset="{{medium.view_srcset}}" sizes="100vw" width="{{medium.width}}" height="{{medium.height}}" alt="{{medium.title}}" fetchpriority="high"\\
% if medium.large:
 data-large="{{medium.large}}"\\
% end
>
