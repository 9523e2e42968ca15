var e=`trunkline.preferences`,t={theme:`auto`,sound:!0,shortcuts:!0};function n(){try{return{...t,...JSON.parse(localStorage.getItem(e)??`{}`)}}catch{return t}}function r(t){try{localStorage.setItem(e,JSON.stringify(t))}catch{}}function i(e){e===`auto`?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=e}var a=globalThis,o=a.ShadowRoot&&(a.ShadyCSS===void 0||a.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,s=Symbol(),c=new WeakMap,l=class{constructor(e,t,n){if(this._$cssResult$=!0,n!==s)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,t=this.t;if(o&&e===void 0){let n=t!==void 0&&t.length===1;n&&(e=c.get(t)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),n&&c.set(t,e))}return e}toString(){return this.cssText}},u=e=>new l(typeof e==`string`?e:e+``,void 0,s),d=(e,...t)=>new l(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,s),f=(e,t)=>{if(o)e.adoptedStyleSheets=t.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let n of t){let t=document.createElement(`style`),r=a.litNonce;r!==void 0&&t.setAttribute(`nonce`,r),t.textContent=n.cssText,e.appendChild(t)}},p=o?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return u(t)})(e):e,{is:m,defineProperty:ee,getOwnPropertyDescriptor:te,getOwnPropertyNames:ne,getOwnPropertySymbols:re,getPrototypeOf:ie}=Object,ae=globalThis,oe=ae.trustedTypes,se=oe?oe.emptyScript:``,ce=ae.reactiveElementPolyfillSupport,h=(e,t)=>e,le={toAttribute(e,t){switch(t){case Boolean:e=e?se:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},ue=(e,t)=>!m(e,t),de={attribute:!0,type:String,converter:le,reflect:!1,useDefault:!1,hasChanged:ue};Symbol.metadata??=Symbol(`metadata`),ae.litPropertyMetadata??=new WeakMap;var g=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=de){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&ee(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=te(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??de}static _$Ei(){if(this.hasOwnProperty(h(`elementProperties`)))return;let e=ie(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(h(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(h(`properties`))){let e=this.properties,t=[...ne(e),...re(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(p(e))}else e!==void 0&&t.push(p(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return f(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?le:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?le:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??ue)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};g.elementStyles=[],g.shadowRootOptions={mode:`open`},g[h(`elementProperties`)]=new Map,g[h(`finalized`)]=new Map,ce?.({ReactiveElement:g}),(ae.reactiveElementVersions??=[]).push(`2.1.2`);var fe=globalThis,pe=e=>e,me=fe.trustedTypes,he=me?me.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,ge=`$lit$`,_=`lit$${Math.random().toFixed(9).slice(2)}$`,_e=`?`+_,ve=`<${_e}>`,v=document,y=()=>v.createComment(``),b=e=>e===null||typeof e!=`object`&&typeof e!=`function`,ye=Array.isArray,be=e=>ye(e)||typeof e?.[Symbol.iterator]==`function`,xe=`[ 	
\f\r]`,x=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,Se=/-->/g,Ce=/>/g,S=RegExp(`>|${xe}(?:([^\\s"'>=/]+)(${xe}*=${xe}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),we=/'/g,Te=/"/g,Ee=/^(?:script|style|textarea|title)$/i,De=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),C=De(1),w=De(2),T=Symbol.for(`lit-noChange`),E=Symbol.for(`lit-nothing`),Oe=new WeakMap,D=v.createTreeWalker(v,129);function ke(e,t){if(!ye(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return he===void 0?t:he.createHTML(t)}var Ae=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=x;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===x?c[1]===`!--`?o=Se:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=S):(Ee.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=S):o=Ce:o===S?c[0]===`>`?(o=i??x,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?S:c[3]===`"`?Te:we):o===Te||o===we?o=S:o===Se||o===Ce?o=x:(o=S,i=void 0);let d=o===S&&e[t+1].startsWith(`/>`)?` `:``;a+=o===x?n+ve:l>=0?(r.push(s),n.slice(0,l)+ge+n.slice(l)+_+d):n+_+(l===-2?t:d)}return[ke(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},je=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=Ae(t,n);if(this.el=e.createElement(l,r),D.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=D.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(ge)){let t=u[o++],n=i.getAttribute(e).split(_),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?Pe:r[1]===`?`?Fe:r[1]===`@`?Ie:k}),i.removeAttribute(e)}else e.startsWith(_)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(Ee.test(i.tagName)){let e=i.textContent.split(_),t=e.length-1;if(t>0){i.textContent=me?me.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],y()),D.nextNode(),c.push({type:2,index:++a});i.append(e[t],y())}}}else if(i.nodeType===8){if(i.data===_e)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(_,e+1))!==-1;)c.push({type:7,index:a}),e+=_.length-1}}a++}}static createElement(e,t){let n=v.createElement(`template`);return n.innerHTML=e,n}};function O(e,t,n=e,r){if(t===T)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=b(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=O(e,i._$AS(e,t.values),i,r)),t}var Me=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??v).importNode(t,!0);D.currentNode=r;let i=D.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new Ne(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new Le(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=D.nextNode(),a++)}return D.currentNode=v,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},Ne=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=E,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=O(this,e,t),b(e)?e===E||e==null||e===``?(this._$AH!==E&&this._$AR(),this._$AH=E):e!==this._$AH&&e!==T&&this._(e):e._$litType$===void 0?e.nodeType===void 0?be(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==E&&b(this._$AH)?this._$AA.nextSibling.data=e:this.T(v.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=je.createElement(ke(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new Me(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=Oe.get(e.strings);return t===void 0&&Oe.set(e.strings,t=new je(e)),t}k(t){ye(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(y()),this.O(y()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=pe(e).nextSibling;pe(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},k=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=E,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=E}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=O(this,e,t,0),a=!b(e)||e!==this._$AH&&e!==T,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=O(this,r[n+o],t,o),s===T&&(s=this._$AH[o]),a||=!b(s)||s!==this._$AH[o],s===E?e=E:e!==E&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===E?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},Pe=class extends k{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===E?void 0:e}},Fe=class extends k{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==E)}},Ie=class extends k{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=O(this,e,t,0)??E)===T)return;let n=this._$AH,r=e===E&&n!==E||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==E&&(n===E||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},Le=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){O(this,e)}},Re={M:ge,P:_,A:_e,C:1,L:Ae,R:Me,D:be,V:O,I:Ne,H:k,N:Fe,U:Ie,B:Pe,F:Le},ze=fe.litHtmlPolyfillSupport;ze?.(je,Ne),(fe.litHtmlVersions??=[]).push(`3.3.3`);var Be=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new Ne(t.insertBefore(y(),e),e,void 0,n??{})}return i._$AI(e),i},Ve=globalThis,A=class extends g{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Be(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return T}};A._$litElement$=!0,A.finalized=!0,Ve.litElementHydrateSupport?.({LitElement:A});var He=Ve.litElementPolyfillSupport;He?.({LitElement:A}),(Ve.litElementVersions??=[]).push(`4.2.2`);var j=e=>(t,n)=>{n===void 0?customElements.define(e,t):n.addInitializer(()=>{customElements.define(e,t)})},Ue={attribute:!0,type:String,converter:le,reflect:!1,hasChanged:ue},We=(e=Ue,t,n)=>{let{kind:r,metadata:i}=n,a=globalThis.litPropertyMetadata.get(i);if(a===void 0&&globalThis.litPropertyMetadata.set(i,a=new Map),r===`setter`&&((e=Object.create(e)).wrapped=!0),a.set(n.name,e),r===`accessor`){let{name:r}=n;return{set(n){let i=t.get.call(this);t.set.call(this,n),this.requestUpdate(r,i,e,!0,n)},init(t){return t!==void 0&&this.C(r,void 0,e,t),t}}}if(r===`setter`){let{name:r}=n;return function(n){let i=this[r];t.call(this,n),this.requestUpdate(r,i,e,!0,n)}}throw Error(`Unsupported decorator location: `+r)};function M(e){return(t,n)=>typeof n==`object`?We(e,t,n):((e,t,n)=>{let r=t.hasOwnProperty(n);return t.constructor.createProperty(n,e),r?Object.getOwnPropertyDescriptor(t,n):void 0})(e,t,n)}function N(e){return M({...e,state:!0,attribute:!1})}var Ge=(e,t,n)=>(n.configurable=!0,n.enumerable=!0,Reflect.decorate&&typeof t!=`object`&&Object.defineProperty(e,t,n),n);function P(e,t){return(n,r,i)=>{let a=t=>t.renderRoot?.querySelector(e)??null;if(t){let{get:e,set:t}=typeof r==`object`?n:i??(()=>{let e=Symbol();return{get(){return this[e]},set(t){this[e]=t}}})();return Ge(n,r,{get(){let n=e.call(this);return n===void 0&&(n=a(this),(n!==null||this.hasUpdated)&&t.call(this,n)),n}})}return Ge(n,r,{get(){return a(this)}})}}var F=class extends Error{constructor(e,t,n){super(n),this.status=e,this.code=t,this.name=`ApiError`}get isSessionEnd(){return this.status===401||this.code===`INVALID_SESSION_ID`}get isUnanswered(){return this.status===0}},Ke={NOT_LOGGED_IN:`You are offline. Choose a status first.`,INVALID_ARGUMENT:`The server did not understand this request.`,STATUS_NOT_ALLOWED:`You are not allowed to use this status.`,WORK_NOT_FOUND:`This work is no longer yours.`,WORK_NOT_ASSIGNED:`This offer is no longer open.`,WORK_NOT_OPEN:`This work is already finished.`,DECLINE_NOT_ALLOWED:`Your administrator has switched off declining.`,DECLINE_REASON_REQUIRED:`Please choose a reason for declining.`,NO_CAPACITY:`You have no free capacity for this.`,CONNECTION_LOST:`The server cannot be reached. Check your connection and try again.`,TIMEOUT:`The server took too long to answer. Please try again.`,SERVER_UNAVAILABLE:`The server is busy. Please try again in a moment.`,REQUEST_LIMIT_EXCEEDED:`Too many requests. Please wait a moment.`,INSUFFICIENT_ACCESS:`You do not have access to this.`,API_DISABLED_FOR_ORG:`Your user has no access to Trunkline.`,UNKNOWN_EXCEPTION:`Something went wrong on the server. Please try again.`,INTERNAL:`Something went wrong on the server. Please try again.`};function qe(e){return e instanceof F?Ke[e.code]??(e.message||`The request failed. Please try again.`):`Something unexpected happened. Please try again.`}var Je={invalid_grant:`User name and password do not match.`,invalid_client:`This server does not know the Trunkline console.`,invalid_client_id:`This server does not know the Trunkline console.`,inactive_user:`This user is switched off. Please ask your administrator.`,inactive_org:`This organization is switched off. Please ask your administrator.`,rate_limit_exceeded:`Too many attempts. Please wait a moment.`};function Ye(e){return e instanceof F?Je[e.code]??qe(e):qe(e)}var Xe=1e4,Ze=[400,1200],Qe=5e3,$e=`/services/omni/v1/`,et=`/services/data/v64.0/sobjects/`,tt=e=>new Promise(t=>setTimeout(t,e)),nt=class{constructor(e,t){this.token=e,this.sessionEnded=t}get(e){return this.send(`GET`,$e+e)}record(e,t,n){let r=`${et}${encodeURIComponent(e)}/${encodeURIComponent(t)}`;return this.send(`GET`,`${r}?fields=${n.join(`,`)}`)}userInfo(){return this.send(`GET`,`/services/oauth2/userinfo`)}async command(e,t,n){let r=crypto.randomUUID?.()??lt();for(let i=0;;i++)try{return await this.send(e,$e+t,n,r)}catch(e){let t=rt(e,i);if(t===null)throw e;await tt(t)}}async send(e,t,n,r){let i={Authorization:`Bearer ${this.token}`};n&&(i[`Content-Type`]=`application/json`),r&&(i[`X-Trunkline-Command-Id`]=r);let a={method:e,headers:i,body:n?JSON.stringify(n):null};try{return await at(t,a)}catch(e){throw e instanceof F&&e.isSessionEnd&&this.sessionEnded(),e}}};function rt(e,t){let n=Ze[t];return!(e instanceof F)||n===void 0?null:e.isUnanswered?n:e instanceof it&&e.retryAfterMs<=Qe?e.retryAfterMs:null}var it=class extends F{constructor(e,t){super(503,`SERVER_UNAVAILABLE`,e),this.retryAfterMs=t}};async function at(e,t){let n=await ot(e,t),r=st(await n.text().catch(()=>``));if(n.ok)return r;if(n.status===503){let e=Number(n.headers.get(`Retry-After`)??`1`);throw new it(ct(r).message,Number.isFinite(e)?e*1e3:1e3)}let{code:i,message:a}=ct(r);throw new F(n.status,i,a)}async function ot(e,t){try{return await fetch(e,{...t,cache:`no-store`,signal:AbortSignal.timeout(Xe)})}catch(e){throw new F(0,e instanceof DOMException&&e.name===`TimeoutError`?`TIMEOUT`:`CONNECTION_LOST`,`no answer`)}}function st(e){if(e!==``)try{return JSON.parse(e)}catch{return}}function ct(e){let t=Array.isArray(e)?e[0]:e,n=(...e)=>e.map(e=>t?.[e]).find(e=>typeof e==`string`);return{code:n(`errorCode`,`error`)??`UNKNOWN_EXCEPTION`,message:n(`message`,`error_description`)??``}}function lt(){let e=crypto.getRandomValues(new Uint8Array(16));return e[6]=e[6]&15|64,e[8]=e[8]&63|128,Array.from(e,e=>e.toString(16).padStart(2,`0`)).join(``).replace(/^(.{8})(.{4})(.{4})(.{4})/,`$1-$2-$3-$4-`)}var ut=`trunkline.session`;function dt(){return ft()??mt()}function ft(){let e=new URLSearchParams(location.hash.slice(1)).get(`sid`);return e?(history.replaceState(null,``,location.pathname+location.search),pt({token:e,userName:``})):null}function pt(e){return sessionStorage.setItem(ut,JSON.stringify(e)),e}function mt(){try{let e=JSON.parse(sessionStorage.getItem(ut)??`null`);return typeof e?.token==`string`?e:null}catch{return null}}function ht(){sessionStorage.removeItem(ut)}async function gt(e,t){let n=await vt(`/services/oauth2/token`,{grant_type:`password`,client_id:`TrunklineConsole`,username:e,password:t});if(!n?.access_token)throw new F(500,`UNKNOWN_EXCEPTION`,`no access token`);return pt({token:n.access_token,userName:e})}async function _t(e){ht(),await vt(`/services/oauth2/revoke`,{token:e.token}).catch(()=>void 0)}function vt(e,t){return at(e,{method:`POST`,body:new URLSearchParams(t)})}var yt=[500,1e3,2e3,4e3,8e3,15e3],bt=4,xt=1e4,St=3e4,Ct=class{#e;#t;#n;#r;#i;#a;#o;#s;constructor(e,t){this.token=e,this.events=t,this.#e=null,this.#r=0,this.#i=0,this.#a=0,this.#o=!1,this.#s=`connecting`,this.retryNow=()=>{!this.#o||this.#e||(clearTimeout(this.#t),this.#c())},this.#h=()=>{this.#e&&this.#d(this.#e)},this.#g=()=>{document.visibilityState===`visible`&&(this.#e?this.#_():this.retryNow())},this.#_=async()=>{let e=this.#e;if(this.#s!==`connected`||!e||performance.now()-this.#a<St/2)return;let t=await this.events.probe().catch(()=>!1);e===this.#e&&(this.#i=t?0:this.#i+1,this.#i>=2&&this.#d(e))}}start(){this.#o=!0,addEventListener(`online`,this.retryNow),addEventListener(`offline`,this.#h),document.addEventListener(`visibilitychange`,this.#g),this.#n=setInterval(this.#_,St),this.#c()}stop(){this.#o=!1,clearTimeout(this.#t),clearInterval(this.#n),removeEventListener(`online`,this.retryNow),removeEventListener(`offline`,this.#h),document.removeEventListener(`visibilitychange`,this.#g),this.#p()}#c(){this.#m(this.#r===0?`connecting`:this.#f(),null);let e=new WebSocket(wt(),[`trunkline.omni.v1`,`bearer.${this.token}`]);this.#e=e,this.#t=setTimeout(()=>this.#d(e),xt),e.onmessage=t=>this.#l(e,t.data),e.onclose=()=>this.#d(e)}#l(e,t){if(e!==this.#e)return;let n=Tt(t);n&&(this.#a=performance.now(),n.type===`snapshot`&&this.#u(),this.events.message(n))}#u(){clearTimeout(this.#t),this.#r=0,this.#i=0,this.#m(`connected`,null)}#d(e){if(e!==this.#e||!this.#o)return;this.#p();let t=yt[Math.min(this.#r,yt.length-1)]*(.8+.4*Math.random());this.#r+=1,this.#m(this.#f(),Date.now()+t),this.#t=setTimeout(()=>this.#c(),t),this.#r>1&&this.events.probe().catch(()=>void 0)}#f(){return!navigator.onLine||this.#r>=bt?`offline`:`reconnecting`}#p(){clearTimeout(this.#t);let e=this.#e;this.#e=null,e?.close()}#m(e,t){this.#s=e,this.events.link({phase:e,retryAt:t})}#h;#g;#_};function wt(){let e=new URL(`/services/omni/v1/events`,location.href);return e.protocol=e.protocol===`https:`?`wss:`:`ws:`,e.href}function Tt(e){try{let t=JSON.parse(String(e));return typeof t?.type==`string`?t:null}catch{return null}}var I=(e,t)=>e!==null&&t!==null&&e.slice(0,15)===t.slice(0,15),L=e=>typeof e==`string`?e:null,R=e=>typeof e==`number`&&Number.isFinite(e)?e:null,Et={statusId:null,statusName:null,statusApiName:null,channels:[]},Dt={configuredCapacity:0,currentWorkload:0,configuredInterruptibleCapacity:0,currentInterruptibleWorkload:0},Ot={500:`Case`,"0LQ":`VoiceCall`};function kt(e){let t=e??{},n=L(t.workItemId)??``,r=t.isEngaged===!0;return{workId:L(t.workId)??``,workItemId:n,workItemType:L(t.workItemType)??Ot[n.slice(0,3)]??`Record`,isEngaged:r,status:L(t.status)??(r?`Opened`:`Assigned`),channelId:L(t.channelId),channelDeveloperName:L(t.channelDeveloperName),queueId:L(t.queueId),queueName:L(t.queueName),requestedAt:R(t.requestedAt),assignedAt:R(t.assignedAt),acceptedAt:R(t.acceptedAt),pushTimeout:R(t.pushTimeout)??0,capacityWeight:R(t.capacityWeight),capacityPercentage:R(t.capacityPercentage),isInterruptible:t.isInterruptible===!0}}function At(e){let t=e??{};return{statusId:L(t.statusId),statusName:L(t.statusName),statusApiName:L(t.statusApiName),channels:Array.isArray(t.channels)?t.channels:[]}}function jt(e){let t=e??{};return{configuredCapacity:R(t.configuredCapacity)??0,currentWorkload:R(t.currentWorkload)??0,configuredInterruptibleCapacity:R(t.configuredInterruptibleCapacity)??0,currentInterruptibleWorkload:R(t.currentInterruptibleWorkload)??0}}function Mt(e){let t=e??{};return{isAutoAcceptEnabled:t.isAutoAcceptEnabled===!0,isDeclineEnabled:t.isDeclineEnabled===!0,isDeclineReasonEnabled:t.isDeclineReasonEnabled===!0,declineReasons:Array.isArray(t.declineReasons)?t.declineReasons:[]}}var Nt={presence:Et,works:[],capacity:Dt},Pt=e=>e.works.filter(e=>!e.isEngaged),Ft=e=>e.works.filter(e=>e.isEngaged);function It(e,t){return e.works.find(e=>I(e.workId,t))}function Lt(e,t){switch(t.type){case`snapshot`:return{presence:At(t.presence),works:Vt((t.works??[]).map(kt)),capacity:jt(t.capacity)};case`workAssigned`:case`workAccepted`:return Rt(e,kt(t.work));case`workDeclined`:case`workTimedOut`:case`workCanceled`:case`workUnavailable`:case`workClosed`:case`workTransferred`:return zt(e,t.workId);case`workloadChanged`:return{...e,capacity:jt({configuredCapacity:t.configuredCapacity,currentWorkload:t.newWorkload,configuredInterruptibleCapacity:t.configuredInterruptibleCapacity,currentInterruptibleWorkload:t.newInterruptibleWorkload})};case`statusChanged`:return{...e,presence:At(t.presence)};case`logout`:return{...e,presence:Et};default:return e}}function Rt(e,t){let n=e.works.filter(e=>!I(e.workId,t.workId));return{...e,works:Vt([...n,t])}}function zt(e,t){return{...e,works:e.works.filter(e=>!I(e.workId,t))}}function Bt(e){return e.map(e=>`${e.workId.slice(0,15)}${e.isEngaged?`+`:`-`}`).sort().join(` `)}function Vt(e){let t=e=>e.acceptedAt??e.assignedAt??0;return e.sort((e,n)=>t(e)-t(n)||e.workId.localeCompare(n.workId))}var Ht=class{#e=null;#t=0;hear(e){typeof e==`number`&&Number.isFinite(e)&&(this.#e=e,this.#t=performance.now())}now(){return this.#e===null?Date.now():this.#e+(performance.now()-this.#t)}},Ut={info:7e3,error:12e3},Wt=class{#e;#t;constructor(e){this.changed=e,this.list=[],this.#e=1,this.#t=new Map}add(e,t){for(let e of this.list.filter(e=>e.text===t))this.dismiss(e.id);let n=this.#e++;this.#t.set(n,setTimeout(()=>this.dismiss(n),Ut[e]));let r=[...this.list,{id:n,tone:e,text:t}];for(let e of r.slice(0,-4))this.dismiss(e.id);this.list=r.slice(-4),this.changed()}dismiss(e){clearTimeout(this.#t.get(e)),this.#t.delete(e),this.list=this.list.filter(t=>t.id!==e),this.changed()}clear(){for(let e of this.#t.values())clearTimeout(e);this.#t.clear(),this.list=[]}},Gt={Case:[`CaseNumber`,`Subject`,`Priority`,`Origin`,`Status`,`Description`],VoiceCall:[`FromPhoneNumber`,`ToPhoneNumber`,`CallType`,`CallStartDateTime`]},Kt=200,qt=class{#e=new Map;#t=new Set;constructor(e,t){this.client=e,this.changed=t}async load(e,t=!1){let n=Gt[e.workItemType],r=e.workItemId;if(!(!n||this.#t.has(r)||this.#e.has(r)&&!t)){this.#t.add(r);try{let t=await this.client.record(e.workItemType,r,n);this.#e.delete(r),this.#e.set(r,t??{})}catch(e){e instanceof F&&!e.isUnanswered&&!this.#e.has(r)&&this.#e.set(r,{})}finally{this.#t.delete(r),this.#n(),this.changed()}}}subject(e){let t=this.#e.get(e.workItemId),n=t===void 0&&e.workItemType in Gt;return Jt(e,t??{},n)}#n(){for(let e of this.#e.keys()){if(this.#e.size<=Kt)return;this.#e.delete(e)}}};function Jt(e,t,n){let r={isLoading:n,description:null,priority:null},i=(e,t)=>t?[{label:e,value:t}]:[];switch(e.workItemType){case`Case`:return{...r,kind:t.CaseNumber?`Case ${t.CaseNumber}`:`Case`,title:t.Subject??t.CaseNumber??e.workItemId,facts:[...i(`Case number`,t.CaseNumber),...i(`Priority`,t.Priority),...i(`Status`,t.Status),...i(`Origin`,t.Origin)],description:t.Description??null,priority:t.Priority??null};case`VoiceCall`:return{...r,kind:t.CallType?`${t.CallType} call`:`Voice call`,title:t.FromPhoneNumber??e.workItemId,facts:[...i(`From`,t.FromPhoneNumber),...i(`To`,t.ToPhoneNumber),...i(`Call type`,t.CallType),...i(`Call started`,Yt(t.CallStartDateTime))]};default:return{...r,kind:e.workItemType,title:e.workItemId,facts:[]}}}function Yt(e){if(!e)return null;let t=new Date(e);return Number.isNaN(t.getTime())?e:t.toLocaleTimeString()}function Xt(e,t,n){switch(e.type){case`workDeclined`:case`workTimedOut`:case`workCanceled`:case`workUnavailable`:case`workClosed`:case`workTransferred`:{let r=It(t,e.workId);return!r||n.isOwn(r.workId)?null:{tone:`info`,text:Zt(e.type,n.title(r),r.isEngaged)}}case`statusChanged`:{let r=e.presence?.statusName,i=!I(e.presence?.statusId??null,t.presence.statusId);return n.isOwnStatus||!i||!r?null:{tone:`info`,text:`Your status is now ${r}.`}}case`logout`:return n.isOwnStatus||t.presence.statusId===null?null:{tone:`info`,text:`You are now offline.`};default:return null}}function Zt(e,t,n){switch(e){case`workTimedOut`:return`You missed an offer: ${t}`;case`workCanceled`:return n?`Ended: ${t}`:`No longer offered: ${t}`;case`workUnavailable`:return`Went back to the queue: ${t}`;case`workDeclined`:return`Declined: ${t}`;case`workClosed`:return`Closed: ${t}`;case`workTransferred`:return`Transferred: ${t}`}}var Qt=5e3,$t=class extends EventTarget{#e;#t;#n;#r;#i;#a;#o;constructor(e,t){super(),this.session=e,this.board=Nt,this.link={phase:`connecting`,retryAt:null},this.statuses=[],this.configuration=Mt(void 0),this.isReady=!1,this.isChangingStatus=!1,this.clock=new Ht,this.notices=new Wt(()=>this.#_()),this.#r=new Set,this.#i=new Set,this.#o=!1,this.userName=e.userName,this.#e=new nt(e.token,t),this.#n=new qt(this.#e,()=>this.#_()),this.#t=new Ct(e.token,{message:e=>this.#c(e),link:e=>this.#u(e),probe:()=>this.#p()})}start(){this.#o=!0,this.#t.start(),this.#m(),this.#h()}stop(){this.#o=!1,clearTimeout(this.#a),this.#t.stop(),this.notices.clear()}retryConnection(){this.#t.retryNow()}subject(e){return this.#n.subject(e)}refreshRecord(e){this.#n.load(e,!0)}isBusy(e){return this.#r.has(e.workId)}async setStatus(e){if(!this.isChangingStatus){this.isChangingStatus=!0,this.#_();try{let t=e===null?await this.#e.command(`DELETE`,`presence`).then(()=>Et):At(await this.#e.command(`PUT`,`presence`,{statusId:e}));this.board={...this.board,presence:t}}catch(e){this.#g(e)}finally{this.isChangingStatus=!1,this.#_()}}}accept(e){return this.#s(e,`accept`,{},t=>Rt(t,{...e,isEngaged:!0,status:`Opened`,acceptedAt:Math.round(this.clock.now())}))}decline(e,t){let n=t?{declineReason:t}:{};return this.#s(e,`decline`,n,t=>zt(t,e.workId))}close(e){return this.#s(e,`close`,{},t=>zt(t,e.workId))}async#s(e,t,n,r){if(!this.#r.has(e.workId)){this.#r.add(e.workId),this.#_();try{await this.#e.command(`POST`,`works/${encodeURIComponent(e.workId)}/${t}`,n);let i=It(this.board,e.workId);i&&i.isEngaged===e.isEngaged&&(this.board=r(this.board))}catch(e){this.#g(e),e instanceof F&&(e.status===404||e.status===409)&&await this.#f()}finally{this.#r.delete(e.workId),this.#_()}}}#c(e){this.clock.hear(e.now);let t=Xt(e,this.board,{isOwn:e=>this.#r.has(e),isOwnStatus:this.isChangingStatus,title:e=>this.subject(e).title});this.board=Lt(this.board,e),e.type===`snapshot`&&this.#l(),t&&this.notices.add(t.tone,t.text),this.#d(),this.#_()}#l(){this.isReady&&this.#m(),this.isReady=!0}#u(e){this.link=e,this.#_()}#d(){for(let e of this.board.works)this.#n.load(e);let e=Pt(this.board),t=new Set(e.map(e=>e.workId));for(let e of this.#i)t.has(e)||this.#i.delete(e);for(let t of e)this.#i.has(t.workId)||(this.#i.add(t.workId),this.dispatchEvent(new CustomEvent(`offer`,{detail:t})))}async#f(){let e=await this.#e.get(`works`).catch(()=>null);Array.isArray(e)&&(this.board={...this.board,works:e.map(kt)},this.#d())}async#p(){let e=Bt(this.board.works),t=await this.#e.get(`works`),n=Bt(this.board.works);return!Array.isArray(t)||e!==n||Bt(t.map(kt))===n}async#m(){clearTimeout(this.#a);try{let[e,t]=await Promise.all([this.#e.get(`statuses`),this.#e.get(`configuration`)]);this.statuses=Array.isArray(e)?e:[],this.configuration=Mt(t),this.#_()}catch{this.#o&&(this.#a=setTimeout(()=>this.#m(),Qt))}}async#h(){let e=(await this.#e.userInfo().catch(()=>null))?.name;typeof e==`string`&&e!==``&&(this.userName=e,this.#_())}#g(e){e instanceof F&&e.isSessionEnd||this.notices.add(`error`,qe(e))}#_(){this.dispatchEvent(new Event(`change`))}},en=d`
  :host {
    --tl-font: Inter, 'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, sans-serif;
    --tl-bg: light-dark(#f3f2ee, #0f1315);
    --tl-surface: light-dark(#ffffff, #171c1f);
    --tl-sunken: light-dark(#f8f7f4, #13181a);
    --tl-hover: light-dark(#efede7, #20272b);
    --tl-line: light-dark(#e3e0d8, #272f34);
    --tl-edge: light-dark(#7b8388, #6d7980);
    --tl-text: light-dark(#1b2327, #e9eced);
    --tl-muted: light-dark(#586269, #a1acb3);
    --tl-accent: light-dark(#0b6477, #62c6d8);
    --tl-accent-strong: light-dark(#084e5d, #86d6e4);
    --tl-on-accent: light-dark(#ffffff, #06232a);
    --tl-accent-soft: light-dark(#e2eff1, #15323a);
    --tl-online: light-dark(#187a46, #5bcb8c);
    --tl-busy: light-dark(#99590a, #f0b45a);
    --tl-busy-soft: light-dark(#fbf0dd, #34290f);
    --tl-offline: light-dark(#69737a, #8d989f);
    --tl-danger: light-dark(#b2281f, #ff9389);
    --tl-danger-soft: light-dark(#fbe9e7, #3a1b19);
    --tl-shadow: 0 1px 2px light-dark(#1b232714, #00000059),
      0 4px 14px light-dark(#1b23270d, #0000003d);
    --tl-shadow-high: 0 2px 6px light-dark(#1b23271f, #00000073),
      0 14px 40px light-dark(#1b232729, #0000008c);
    --tl-radius: 12px;
    --tl-radius-small: 8px;

    font-family: var(--tl-font);
    font-size: 14px;
    line-height: 1.45;
    color: var(--tl-text);
    -webkit-font-smoothing: antialiased;
  }
`,z=d`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  svg {
    display: block;
    flex: none;
  }
  [hidden] {
    display: none !important;
  }
  :focus-visible {
    outline: 2px solid var(--tl-accent);
    outline-offset: 2px;
  }
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .eyebrow {
    font-size: 12px;
    font-weight: 600;
    color: var(--tl-muted);
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .clip {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`,B=d`
  button.button,
  trunkline-menu.button::part(trigger) {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 38px;
    padding: 0 16px;
    border: 1px solid var(--tl-edge);
    border-radius: var(--tl-radius-small);
    background: var(--tl-surface);
    color: var(--tl-text);
    font: inherit;
    font-weight: 560;
    white-space: nowrap;
    cursor: pointer;
    transition:
      background-color 120ms,
      border-color 120ms;
  }
  button.button:hover,
  trunkline-menu.button::part(trigger):hover {
    background: var(--tl-hover);
  }
  button.button.primary {
    border-color: transparent;
    background: var(--tl-accent);
    color: var(--tl-on-accent);
  }
  button.button.primary:hover {
    background: var(--tl-accent-strong);
  }
  button.button.icon,
  trunkline-menu.icon::part(trigger) {
    border-color: transparent;
    background: transparent;
  }
  button.button.icon,
  trunkline-menu.icon::part(trigger) {
    width: 38px;
    padding: 0;
    color: var(--tl-muted);
  }
  button.button.icon:hover,
  trunkline-menu.icon::part(trigger):hover {
    background: var(--tl-hover);
    color: var(--tl-text);
  }
  button.button:disabled {
    opacity: 0.55;
    cursor: default;
  }
  @media (pointer: coarse) {
    button.button,
    trunkline-menu.button::part(trigger) {
      min-height: 44px;
    }
    button.button.icon,
    trunkline-menu.icon::part(trigger) {
      width: 44px;
    }
  }
`,tn=d`
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-height: 24px;
    padding: 0 9px;
    border-radius: 6px;
    background: var(--tl-hover);
    color: var(--tl-muted);
    font-size: 12px;
    font-weight: 560;
    white-space: nowrap;
  }
  .chip.high {
    background: var(--tl-danger-soft);
    color: var(--tl-danger);
  }
  .chip.waiting {
    background: var(--tl-busy-soft);
    color: var(--tl-busy);
  }
`,nn={case:w`<rect x="4" y="7" width="16" height="12" rx="2.5"/><path d="M9 7V5.5A1.5 1.5 0 0 1 10.5 4h3A1.5 1.5 0 0 1 15 5.5V7M4 12.2h16"/>`,call:w`<path d="M6.6 4h2.3a1 1 0 0 1 1 .8l.6 2.9a1 1 0 0 1-.3.9L8.6 10.2a12 12 0 0 0 5.2 5.2l1.6-1.6a1 1 0 0 1 .9-.3l2.9.6a1 1 0 0 1 .8 1v2.3A2.6 2.6 0 0 1 17.2 20 13.4 13.4 0 0 1 4 6.8 2.6 2.6 0 0 1 6.6 4Z"/>`,record:w`<path d="M7 4h7l4 4v10.5A1.5 1.5 0 0 1 16.5 20h-9.500A1.5 1.5 0 0 1 5.5 18.500v-13A1.5 1.5 0 0 1 7 4ZM14 4v4h4"/>`,check:w`<path d="m5 12.5 4.6 4.500L19 7.5"/>`,close:w`<path d="m6.5 6.5 11 11M17.5 6.500l-11 11"/>`,down:w`<path d="m7 10 5 5 5-5"/>`,back:w`<path d="M19 12H5.500M11 6l-6 6 6 6"/>`,bell:w`<path d="M6.5 10a5.5 5.5 0 0 1 11 0c0 5 2 6 2 6h-15s2-1 2-6ZM10 19a2.2 2.2 0 0 0 4 0"/>`,mute:w`<path d="M6.5 10a5.5 5.5 0 0 1 9-4.300M17.5 10c0 5 2 6 2 6H8.500M6.3 12.500A8 8 0 0 1 4.5 16M10 19a2.2 2.2 0 0 0 4 0M4 4l16 16"/>`,sun:w`<circle cx="12" cy="12" r="3.8"/><path d="M12 3.500v1.700M12 18.800v1.700M3.5 12h1.700M18.8 12h1.700M6 6l1.2 1.200M16.8 16.8 18 18M18 6l-1.2 1.200M7.2 16.8 6 18"/>`,moon:w`<path d="M19.5 14.200A8 8 0 0 1 9.8 4.500a8 8 0 1 0 9.7 9.700Z"/>`,out:w`<path d="M13.5 4.500h-6A1.5 1.5 0 0 0 6 6v12a1.5 1.5 0 0 0 1.5 1.500h6M10.5 12H20M16.5 8.5 20 12l-3.5 3.5"/>`,keys:w`<rect x="3.5" y="6.5" width="17" height="11" rx="2"/><path d="M7 10h.01M10.3 10h.01M13.7 10h.01M17 10h.01M8.5 14h7"/>`,eye:w`<path d="M3 12s3.3-6 9-6 9 6 9 6-3.3 6-9 6-9-6-9-6Z"/><circle cx="12" cy="12" r="2.6"/>`,alert:w`<path d="M12 8.500v4.500M12 16.200v.01M10.7 4.8 3.4 17.500A1.5 1.5 0 0 0 4.7 19.700h14.600a1.5 1.5 0 0 0 1.3-2.200L13.3 4.800a1.5 1.5 0 0 0-2.6 0Z"/>`,info:w`<circle cx="12" cy="12" r="8.5"/><path d="M12 11.300v4.700M12 8.200v.01"/>`,unplugged:w`<path d="M3.5 9.500A13 13 0 0 1 8 6.700M20.5 9.500a13 13 0 0 0-7.7-3.800M6.5 13a8.5 8.5 0 0 1 3.7-2.100M17.5 13a8.5 8.5 0 0 0-1.7-1.200M12 17.500v.01M4 4l16 16"/>`};function V(e,t=20){return C`<svg
    viewBox="0 0 24 24"
    width=${t}
    height=${t}
    fill="none"
    stroke="currentColor"
    stroke-width="1.7"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    ${nn[e]}
  </svg>`}function rn(e){return e===`Case`?`case`:e===`VoiceCall`?`call`:`record`}function an(e=32){return C`<svg viewBox="0 0 32 32" width=${e} height=${e} aria-hidden="true">
    <rect width="32" height="32" rx="8" fill="#0b6477" />
    <path
      d="M10.6 10.500h10.800M16 10.500v9.4"
      fill="none"
      stroke="#fff"
      stroke-width="2.6"
      stroke-linecap="round"
    />
    <circle cx="8" cy="10.5" r="2.9" fill="#fff" />
    <circle cx="24" cy="10.5" r="2.9" fill="#fff" />
    <circle cx="16" cy="22.6" r="3.1" fill="#f2b45c" />
  </svg>`}function H(e,t,n,r){var i=arguments.length,a=i<3?t:r===null?r=Object.getOwnPropertyDescriptor(t,n):r,o;if(typeof Reflect==`object`&&typeof Reflect.decorate==`function`)a=Reflect.decorate(e,t,n,r);else for(var s=e.length-1;s>=0;s--)(o=e[s])&&(a=(i<3?o(a):i>3?o(t,n,a):o(t,n))||a);return i>3&&a&&Object.defineProperty(t,n,a),a}var U=class extends A{constructor(...e){super(...e),this.reason=``,this.error=``,this.isBusy=!1,this.isShown=!1}static{this.styles=[z,B,d`
      :host {
        display: grid;
        min-height: 100dvh;
        place-items: center;
        padding: 24px 16px;
        background: var(--tl-bg);
      }
      main {
        width: min(392px, 100%);
      }
      .brand {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 12px;
        margin-bottom: 26px;
        font-size: 24px;
        font-weight: 660;
        letter-spacing: -0.02em;
      }
      form {
        display: grid;
        gap: 18px;
        padding: 30px;
        border: 1px solid var(--tl-line);
        border-radius: 16px;
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      h1 {
        font-size: 19px;
        font-weight: 640;
        letter-spacing: -0.01em;
      }
      label {
        display: block;
        margin-bottom: 6px;
        font-weight: 560;
      }
      .field {
        position: relative;
      }
      input {
        width: 100%;
        min-height: 44px;
        padding: 0 13px;
        border: 1px solid var(--tl-edge);
        border-radius: var(--tl-radius-small);
        background: var(--tl-sunken);
        color: inherit;
        font: inherit;
        font-size: 15px;
      }
      input:focus-visible {
        border-color: var(--tl-accent);
        outline-offset: 0;
      }
      #password {
        padding-inline-end: 48px;
      }
      .field .icon {
        position: absolute;
        inset: auto 3px 3px auto;
      }
      .field .icon[aria-pressed='true'] {
        color: var(--tl-accent);
      }
      button.primary.button {
        min-height: 46px;
        margin-top: 4px;
        font-size: 15px;
      }
      .message {
        display: flex;
        gap: 10px;
        padding: 10px 12px;
        border-radius: var(--tl-radius-small);
        background: var(--tl-danger-soft);
        color: var(--tl-danger);
      }
      .message.calm {
        background: var(--tl-accent-soft);
        color: var(--tl-text);
      }
    `]}firstUpdated(){this.user.focus()}render(){return C`<main>
      <div class="brand">${an(38)} Trunkline</div>
      <form @submit=${this.submit}>
        <h1>Log in to your workspace</h1>
        <div role="alert" ?hidden=${!this.error&&!this.reason}>${this.renderMessage()}</div>
        <div>
          <label for="user">User name</label>
          <input
            id="user"
            name="username"
            type="text"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
          />
        </div>
        <div>
          <label for="password">Password</label>
          <div class="field">
            <input
              id="password"
              name="password"
              type=${this.isShown?`text`:`password`}
              autocomplete="current-password"
              required
            />
            <button
              class="button icon"
              type="button"
              aria-label="Show password"
              aria-pressed=${this.isShown}
              @click=${()=>this.isShown=!this.isShown}
            >
              ${V(`eye`)}
            </button>
          </div>
        </div>
        <button class="button primary" type="submit" ?disabled=${this.isBusy}>
          ${this.isBusy?`Logging in…`:`Log in`}
        </button>
      </form>
    </main>`}renderMessage(){return this.error?C`<div class="message">${V(`alert`)} ${this.error}</div>`:this.reason?C`<div class="message calm">${V(`info`)} ${this.reason}</div>`:E}async submit(e){if(e.preventDefault(),!this.isBusy){this.isBusy=!0,this.error=``;try{let e=await gt(this.user.value.trim(),this.password.value);this.dispatchEvent(new CustomEvent(`logged-in`,{detail:e}))}catch(e){this.error=Ye(e),this.password.select()}finally{this.isBusy=!1}}}};H([M()],U.prototype,`reason`,void 0),H([N()],U.prototype,`error`,void 0),H([N()],U.prototype,`isBusy`,void 0),H([N()],U.prototype,`isShown`,void 0),H([P(`#user`)],U.prototype,`user`,void 0),H([P(`#password`)],U.prototype,`password`,void 0),U=H([j(`trunkline-login`)],U);var W=class{#e;constructor(e,t){this.host=e,this.pick=t,e.addController(this)}hostConnected(){this.host.requestUpdate()}hostUpdate(){let e=this.pick();e!==this.#e&&(this.#t(),this.#e=e,e?.addEventListener(`change`,this.#n))}hostDisconnected(){this.#t()}#t(){this.#e?.removeEventListener(`change`,this.#n),this.#e=void 0}#n=()=>this.host.requestUpdate()},on=class{#e;constructor(e,t){this.host=e,this.everyMs=t,e.addController(this)}hostConnected(){this.#e=setInterval(()=>this.host.requestUpdate(),this.everyMs)}hostDisconnected(){clearInterval(this.#e)}},sn=e=>e.replaceAll(`_`,` `);function cn(e){let t=e.channelDeveloperName?sn(e.channelDeveloperName):null,n=[e.queueName,t].filter(e=>e!==null&&e!==``);return[...new Set(n)]}function ln(e){return e.statusId===null?`offline`:e.channels.length>0?`online`:`busy`}function un(e){switch(ln(e)){case`online`:return e.channels.map(e=>sn(e.developerName)).join(`, `);case`busy`:return`No new work`;case`offline`:return`Choose a status to receive work`}}var dn=e=>e===`High`||e===`Critical`||e===`Urgent`,fn={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},pn=e=>(...t)=>({_$litDirective$:e,values:t}),mn=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:hn}=Re,gn=e=>e,_n=()=>document.createComment(``),G=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new hn(r.insertBefore(_n(),i),r.insertBefore(_n(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=gn(e).nextSibling;gn(r).insertBefore(e,i),e=t}}}return n},K=(e,t,n=e)=>(e._$AI(t,n),e),vn={},yn=(e,t=vn)=>e._$AH=t,bn=e=>e._$AH,xn=e=>{e._$AR(),e._$AA.remove()},Sn=(e,t,n)=>{let r=new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},Cn=pn(class extends mn{constructor(e){if(super(e),e.type!==fn.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=bn(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=K(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=K(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=K(i[d],a[m]),G(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=K(i[f],a[p]),G(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=Sn(o,p,m),u=Sn(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=G(e,i[d]);K(t,a[p]),c[p]=t}else c[p]=K(n,a[p]),G(e,i[d],n),i[t]=null;p++}else xn(i[f]),f--}else xn(i[d]),d++;for(;p<=m;){let t=G(e,c[m+1]);K(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&xn(e)}return this.ut=o,yn(e,c),T}}),wn=1e3,Tn=class extends A{constructor(...e){super(...e),this.works=[]}static{this.styles=[z,d`
      :host {
        display: grid;
        gap: 12px;
      }
      .row {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        margin-bottom: 6px;
      }
      .value b {
        font-weight: 640;
      }
      .value {
        color: var(--tl-muted);
      }
      .value b {
        color: var(--tl-text);
      }
      svg {
        width: 100%;
        height: 8px;
        border-radius: 4px;
      }
      .track {
        fill: var(--tl-line);
      }
      .taken {
        fill: var(--tl-accent);
      }
      .offered {
        fill: color-mix(in srgb, var(--tl-accent) 45%, var(--tl-line));
      }
      .full .taken {
        fill: var(--tl-busy);
      }
      .gap {
        fill: var(--tl-surface);
      }
    `]}render(){let e=this.capacity,t=this.works.filter(e=>!e.isInterruptible),n=this.works.filter(e=>e.isInterruptible),r=e.configuredInterruptibleCapacity>0||e.currentInterruptibleWorkload>0;return C`
      ${En(`Capacity`,e.currentWorkload,e.configuredCapacity,t)}
      ${r?En(`Interruptible capacity`,e.currentInterruptibleWorkload,e.configuredInterruptibleCapacity,n):E}
    `}};H([M({attribute:!1})],Tn.prototype,`capacity`,void 0),H([M({attribute:!1})],Tn.prototype,`works`,void 0),Tn=H([j(`trunkline-capacity`)],Tn);function En(e,t,n,r){let i=`${An(t)} of ${An(n)} in use`;return C`<div class=${n>0&&t>=n?`full`:``}>
    <div class="row" aria-hidden="true">
      <span class="eyebrow">${e}</span>
      <span class="value num"><b>${An(t)}</b> of ${An(n)}</span>
    </div>
    <div
      role="meter"
      aria-label=${e}
      aria-valuemin="0"
      aria-valuemax=${Math.max(n,t)}
      aria-valuenow=${t}
      aria-valuetext=${i}
    >
      <svg viewBox="0 0 ${wn} 8" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width=${wn} height="8"></rect>
        ${n>0?Dn(t,n,r):E}
      </svg>
    </div>
  </div>`}function Dn(e,t,n){let r=wn/Math.max(t,e),i=0;return On(e,t,n).map(e=>{let t=i*r;i+=e.units;let n=i*r;return w`<rect class=${e.isOffered?`offered`:`taken`}
        x=${t} width=${n-t} height="8"></rect>
      ${n<wn?w`<rect class="gap" x=${n-4} width="4" height="8"></rect>`:E}`})}function On(e,t,n){if(e<=0)return[];let r=n.map(e=>({units:kn(e,t),isOffered:!e.isEngaged})),i=r.reduce((e,t)=>e+t.units,0);return Math.abs(i-e)>.01?[{units:e,isOffered:!1}]:r.sort((e,t)=>Number(e.isOffered)-Number(t.isOffered))}function kn(e,t){return e.capacityWeight??(e.capacityPercentage??0)/100*t}var An=e=>String(Math.round(e*100)/100),jn=new Intl.DateTimeFormat(void 0,{hour:`2-digit`,minute:`2-digit`,second:`2-digit`}),Mn=e=>jn.format(e);function Nn(e){let t=Math.max(0,Math.floor(e/1e3)),n=e=>String(e).padStart(2,`0`),r=Math.floor(t/3600),i=Math.floor(t%3600/60),a=n(t%60);return r>0?`${r}:${n(i)}:${a}`:`${i}:${a}`}function Pn(e){let t=Math.max(0,Math.round(e/1e3));if(t<60)return`${t} s`;let n=Math.floor(t/60);return n<60?`${n} min ${t%60} s`:`${Math.floor(n/60)} h ${n%60} min`}var Fn=20,In=2*Math.PI*Fn,Ln=5e3,q=class extends A{constructor(...e){super(...e),this.deadline=0,this.total=1,this.tick=new on(this,250)}static{this.styles=[z,d`
      :host {
        position: relative;
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        flex: none;
      }
      svg {
        position: absolute;
        inset: 0;
        transform: rotate(-90deg);
      }
      .track {
        stroke: var(--tl-line);
      }
      .left {
        stroke: var(--tl-accent);
        transition: stroke-dashoffset 250ms linear;
      }
      .urgent .left {
        stroke: var(--tl-danger);
      }
      .seconds {
        font-size: 16px;
        font-weight: 640;
      }
      .urgent .seconds {
        color: var(--tl-danger);
      }
    `]}render(){this.tick;let e=Math.max(0,this.deadline-this.clock.now()),t=Math.ceil(e/1e3),n=In*(1-Math.min(1,e/this.total));return C`
      <div class=${e<=Ln?`urgent`:``} role="timer" aria-label="${t} seconds left to answer">
        <svg viewBox="0 0 48 48" width="48" height="48" fill="none" stroke-width="4">
          ${w`<circle class="track" cx="24" cy="24" r=${Fn}></circle>
            <circle class="left" cx="24" cy="24" r=${Fn} stroke-linecap="round"
              stroke-dasharray=${In} stroke-dashoffset=${n}></circle>`}
        </svg>
        <span class="seconds num" aria-hidden="true">${t}</span>
      </div>
    `}};H([M({attribute:!1})],q.prototype,`clock`,void 0),H([M({type:Number})],q.prototype,`deadline`,void 0),H([M({type:Number})],q.prototype,`total`,void 0),q=H([j(`trunkline-countdown`)],q);var Rn=6,J=class extends A{constructor(...e){super(...e),this.label=``,this.menuLabel=``,this.groups=[],this.radio=!1,this.disabled=!1,this.isOpen=!1,this.wasShown=!1,this.triggerKey=e=>{(e.key===`ArrowDown`||e.key===`ArrowUp`)&&(e.preventDefault(),this.open())},this.menuKey=e=>{let t=this.items,n=zn(e,t,t.indexOf(this.shadowRoot?.activeElement));e.key===`Tab`&&this.panel.hidePopover(),e.key===`Escape`&&this.trigger.focus(),e.stopPropagation(),n&&(e.preventDefault(),n.focus())}}static{this.styles=[z,d`
      :host {
        display: inline-flex;
      }
      .trigger {
        width: 100%;
        cursor: pointer;
      }
      .trigger:disabled {
        opacity: 0.55;
        cursor: default;
      }
      .panel {
        position: fixed;
        inset: auto;
        margin: 0;
        min-width: 200px;
        max-width: calc(100vw - 16px);
        max-height: calc(100vh - 16px);
        overflow: auto;
        padding: 6px;
        border: 1px solid var(--tl-line);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        color: var(--tl-text);
        box-shadow: var(--tl-shadow-high);
      }
      .title {
        padding: 8px 10px 4px;
      }
      .group + .group {
        margin-top: 4px;
        padding-top: 4px;
        border-top: 1px solid var(--tl-line);
      }
      .item {
        display: flex;
        align-items: center;
        gap: 10px;
        width: 100%;
        min-height: 36px;
        padding: 6px 10px;
        border: 0;
        border-radius: var(--tl-radius-small);
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .item:hover,
      .item:focus-visible {
        background: var(--tl-hover);
        outline-offset: -2px;
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .hint {
        display: block;
        color: var(--tl-muted);
        font-size: 12px;
      }
      .dot {
        width: 9px;
        height: 9px;
        border-radius: 50%;
        background: var(--tl-offline);
      }
      .dot.online {
        background: var(--tl-online);
      }
      .dot.busy {
        background: var(--tl-busy);
      }
      .mark {
        width: 18px;
        color: var(--tl-accent);
      }
    `]}open(){if(this.disabled||this.isShown)return;this.panel.showPopover(),this.place();let e=this.items;(e.find(e=>e.ariaChecked===`true`)??e[0])?.focus()}focus(){this.trigger.focus()}render(){return C`
      <button
        class="trigger"
        part="trigger"
        type="button"
        aria-haspopup="menu"
        aria-expanded=${this.isOpen}
        aria-label=${this.label||E}
        ?disabled=${this.disabled}
        @pointerdown=${this.pressed}
        @click=${this.clicked}
        @keydown=${this.triggerKey}
      >
        <slot></slot>
      </button>
      <div
        class="panel"
        popover="auto"
        role="menu"
        aria-label=${this.menuLabel||this.label}
        @toggle=${this.toggled}
        @keydown=${this.menuKey}
      >
        ${this.groups.map(e=>this.renderGroup(e))}
      </div>
    `}renderGroup(e){return C`<div class="group" role="group" aria-label=${e.label}>
      <div class="title eyebrow" aria-hidden="true">${e.label}</div>
      ${e.items.map(e=>this.renderItem(e))}
    </div>`}renderItem(e){return C`<button
      class="item"
      type="button"
      tabindex="-1"
      role=${this.radio?`menuitemradio`:`menuitem`}
      aria-checked=${this.radio?String(e.checked===!0):E}
      @click=${()=>this.choose(e)}
    >
      ${e.tone?C`<span class="dot ${e.tone}"></span>`:E}
      <span class="words">
        ${e.label}${e.hint?C`<span class="hint">${e.hint}</span>`:E}
      </span>
      ${this.radio?C`<span class="mark">${e.checked?V(`check`,18):E}</span>`:E}
    </button>`}toggled(e){this.isOpen=e.newState===`open`}get isShown(){return this.panel.matches(`:popover-open`)}pressed(){this.wasShown=this.isShown}clicked(){this.wasShown||this.isShown?this.panel.hidePopover():this.open(),this.wasShown=!1}place(){let e=this.trigger.getBoundingClientRect(),{style:t}=this.panel;t.minWidth=`${Math.max(200,e.width)}px`;let{offsetWidth:n,offsetHeight:r}=this.panel,i=e.left+n>innerWidth-8?e.right-n:e.left,a=e.bottom+Rn,o=e.top-Rn-r,s=a+r>innerHeight-8&&o>8?o:a;t.left=`${Math.max(8,Math.min(i,innerWidth-n-8))}px`,t.top=`${Math.max(8,Math.min(s,innerHeight-r-8))}px`}get items(){return[...this.renderRoot.querySelectorAll(`.item`)]}choose(e){this.panel.hidePopover(),this.trigger.focus(),this.dispatchEvent(new CustomEvent(`choose`,{detail:e.id}))}};H([M()],J.prototype,`label`,void 0),H([M()],J.prototype,`menuLabel`,void 0),H([M({attribute:!1})],J.prototype,`groups`,void 0),H([M({type:Boolean})],J.prototype,`radio`,void 0),H([M({type:Boolean})],J.prototype,`disabled`,void 0),H([N()],J.prototype,`isOpen`,void 0),H([P(`.panel`)],J.prototype,`panel`,void 0),H([P(`.trigger`)],J.prototype,`trigger`,void 0),J=H([j(`trunkline-menu`)],J);function zn(e,t,n){let r=t.length;if(r!==0)switch(e.key){case`ArrowDown`:return t[(n+1)%r];case`ArrowUp`:return t[(n-1+r)%r];case`Home`:return t[0];case`End`:return t[r-1];default:return e.key.length===1&&e.key!==` `?Bn(e.key,t,n):void 0}}function Bn(e,t,n){return[...t.slice(n+1),...t.slice(0,n+1)].find(t=>t.querySelector(`.words`)?.textContent?.trim().toLowerCase().startsWith(e.toLowerCase()))}var Y=class extends A{constructor(...e){super(...e),this.compact=!1,this.observe=new W(this,()=>this.workspace)}static{this.styles=[z,B,tn,d`
      :host {
        display: block;
      }
      article {
        position: relative;
        padding: 14px;
        border: 1px solid var(--tl-accent);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        box-shadow:
          0 0 0 3px var(--tl-accent-soft),
          var(--tl-shadow);
        animation: arrive 260ms cubic-bezier(0.2, 0.8, 0.2, 1);
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(-8px);
        }
      }
      .top {
        display: flex;
        gap: 14px;
        align-items: flex-start;
      }
      .words {
        flex: 1;
        min-width: 0;
      }
      .kind {
        display: flex;
        align-items: center;
        gap: 6px;
        color: var(--tl-muted);
        font-size: 12.5px;
        font-weight: 560;
      }
      h3 {
        display: -webkit-box;
        margin-top: 2px;
        overflow: hidden;
        font-size: 16px;
        font-weight: 620;
        line-height: 1.35;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        overflow-wrap: anywhere;
      }
      .meta {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        margin-top: 10px;
      }
      .actions {
        display: flex;
        gap: 8px;
        margin-top: 14px;
      }
      .actions > * {
        flex: 1;
      }
      :host([compact]) .meta {
        display: none;
      }
      :host([compact]) article {
        padding: 12px;
      }
      :host([compact]) .actions {
        margin-top: 10px;
      }
      .skeleton {
        color: var(--tl-muted);
      }
    `]}accept(){this.workspace.accept(this.work),this.dispatchEvent(new CustomEvent(`accept-offer`,{detail:this.work.workId,bubbles:!0,composed:!0}))}decline(){let e=this.declineControl;e&&(e.localName===`trunkline-menu`?e.open():this.workspace.decline(this.work))}render(){this.observe;let{work:e,workspace:t}=this,n=t.subject(e);return C`<article aria-label="Offer: ${n.title}">
      <div class="top">
        <div class="words">
          <div class="kind">
            ${V(rn(e.workItemType),16)} <span class="clip">${n.kind}</span>
          </div>
          <h3 class=${n.isLoading?`skeleton`:``}>
            ${n.isLoading?`Loading…`:n.title}
          </h3>
        </div>
        ${this.renderCountdown()}
      </div>
      <div class="meta">
        ${dn(n.priority)?C`<span class="chip high">${n.priority} priority</span>`:E}
        ${cn(e).map(e=>C`<span class="chip">${e}</span>`)}
        ${this.renderWait()}
      </div>
      <div class="actions">
        <button
          class="button primary"
          type="button"
          aria-label="Accept: ${n.title}"
          ?disabled=${t.isBusy(e)}
          @click=${this.accept}
        >
          ${V(`check`,18)} Accept
        </button>
        ${this.renderDecline(n.title)}
      </div>
    </article>`}renderCountdown(){let{assignedAt:e,pushTimeout:t}=this.work;if(e===null||t<=0)return E;let n=t*1e3;return C`<trunkline-countdown
      .clock=${this.workspace.clock}
      .deadline=${e+n}
      .total=${n}
    ></trunkline-countdown>`}renderWait(){let{requestedAt:e,assignedAt:t}=this.work;return e===null||t===null||t<=e?E:C`<span class="chip num">Waited ${Pn(t-e)}</span>`}renderDecline(e){let{configuration:t}=this.workspace;if(!t.isDeclineEnabled)return E;let n=`Decline: ${e}`,r=this.workspace.isBusy(this.work);return!t.isDeclineReasonEnabled||t.declineReasons.length===0?C`<button
        class="button decline"
        type="button"
        aria-label=${n}
        ?disabled=${r}
        @click=${this.decline}
      >
        Decline
      </button>`:C`<trunkline-menu
      class="button decline"
      label=${n}
      menuLabel="Reason for declining"
      .groups=${[{label:`Why are you declining?`,items:t.declineReasons}]}
      ?disabled=${r}
      @choose=${this.declineFor}
    >
      Decline ${V(`down`,16)}
    </trunkline-menu>`}declineFor(e){let{declineReasons:t}=this.workspace.configuration,n=t.find(t=>t.id===e.detail);this.workspace.decline(this.work,n?.label)}};H([M({attribute:!1})],Y.prototype,`workspace`,void 0),H([M({attribute:!1})],Y.prototype,`work`,void 0),H([M({type:Boolean,reflect:!0})],Y.prototype,`compact`,void 0),H([P(`.decline`)],Y.prototype,`declineControl`,void 0),Y=H([j(`trunkline-offer`)],Y);var Vn=`offline`,Hn=class extends A{constructor(...e){super(...e),this.observe=new W(this,()=>this.workspace)}static{this.styles=[z,d`
      trunkline-menu {
        display: block;
      }
      trunkline-menu::part(trigger) {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 56px;
        padding: 8px 14px;
        border: 1px solid var(--tl-edge);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        color: var(--tl-text);
        font: inherit;
        text-align: start;
      }
      trunkline-menu::part(trigger):hover {
        background: var(--tl-hover);
      }
      .dot {
        flex: none;
        width: 12px;
        height: 12px;
        border-radius: 50%;
        background: var(--tl-online);
        box-shadow: 0 0 0 4px color-mix(in srgb, var(--tl-online) 18%, transparent);
      }
      .busy {
        background: var(--tl-busy);
        box-shadow: 0 0 0 4px color-mix(in srgb, var(--tl-busy) 18%, transparent);
      }
      .offline {
        background: transparent;
        box-shadow: inset 0 0 0 3px var(--tl-offline);
      }
      .words {
        display: grid;
        flex: 1;
        min-width: 0;
      }
      .name {
        font-size: 15px;
        font-weight: 620;
      }
      .meaning {
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .down {
        color: var(--tl-muted);
      }
    `]}open(){this.menu.open()}render(){this.observe;let{presence:e}=this.workspace.board,t=e.statusName??`Offline`;return C`<trunkline-menu
      radio
      label="Status: ${t}"
      menuLabel="Status"
      .groups=${this.groups()}
      ?disabled=${!this.workspace.isReady||this.workspace.isChangingStatus}
      @choose=${this.choose}
    >
      <span class="dot ${ln(e)}"></span>
      <span class="words">
        <span class="name clip">${t}</span>
        <span class="meaning clip">${un(e)}</span>
      </span>
      <span class="down">${V(`down`)}</span>
    </trunkline-menu>`}groups(){let{presence:e}=this.workspace.board,t={id:Vn,label:`Offline`,tone:`offline`,checked:e.statusId===null};return[{label:`Online`,items:this.itemsOf(`online`)},{label:`Busy`,items:this.itemsOf(`busy`)},{label:`Offline`,items:[t]}].filter(e=>e.items.length>0)}itemsOf(e){return this.workspace.statuses.filter(t=>t.kind===e).map(e=>this.item(e))}item(e){let t=e.channels.map(e=>sn(e.developerName)).join(`, `);return{id:e.statusId,label:e.statusName,tone:e.kind,checked:I(e.statusId,this.workspace.board.presence.statusId),...t?{hint:t}:{}}}choose(e){this.workspace.setStatus(e.detail===Vn?null:e.detail)}};H([M({attribute:!1})],Hn.prototype,`workspace`,void 0),H([P(`trunkline-menu`)],Hn.prototype,`menu`,void 0),Hn=H([j(`trunkline-status-menu`)],Hn);var Un=class extends A{constructor(...e){super(...e),this.since=0,this.tick=new on(this,1e3)}render(){return this.tick,C`${Nn(this.clock.now()-this.since)}`}};H([M({attribute:!1})],Un.prototype,`clock`,void 0),H([M({type:Number})],Un.prototype,`since`,void 0),Un=H([j(`trunkline-stopwatch`)],Un);var X=class extends A{constructor(...e){super(...e),this.selected=null,this.compact=!1,this.announcement=``,this.observe=new W(this,()=>this.workspace),this.announced=new Set}static{this.styles=[en,z,B,d`
      :host {
        display: grid;
        align-content: start;
        gap: 22px;
        padding: 18px;
      }
      :host([compact]) {
        padding: 0;
        gap: 0;
      }
      .me {
        display: grid;
        gap: 16px;
      }
      h2 {
        display: flex;
        align-items: center;
        gap: 8px;
        margin: 0 2px 10px;
        font-size: 13px;
        font-weight: 640;
      }
      .count {
        min-width: 20px;
        padding: 0 6px;
        border-radius: 10px;
        background: var(--tl-hover);
        color: var(--tl-muted);
        font-size: 12px;
        line-height: 20px;
        text-align: center;
      }
      .count.live {
        background: var(--tl-accent);
        color: var(--tl-on-accent);
      }
      .offers {
        display: grid;
        gap: 14px;
      }
      :host([compact]) .offers {
        padding: 14px 14px 4px;
      }
      .works {
        display: grid;
        gap: 4px;
      }
      .work {
        position: relative;
        display: flex;
        align-items: center;
        border-radius: 10px;
      }
      .work:hover {
        background: var(--tl-hover);
      }
      .work.current {
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      .work.current::before {
        content: '';
        position: absolute;
        inset: 10px auto 10px 0;
        width: 3px;
        border-radius: 2px;
        background: var(--tl-accent);
      }
      .show {
        display: flex;
        flex: 1;
        align-items: center;
        gap: 12px;
        min-width: 0;
        min-height: 56px;
        padding: 8px 4px 8px 14px;
        border: 0;
        border-radius: 10px;
        background: none;
        color: inherit;
        font: inherit;
        text-align: start;
        cursor: pointer;
      }
      .show > svg {
        color: var(--tl-muted);
      }
      .words {
        display: grid;
        flex: 1;
        min-width: 0;
      }
      .title {
        font-weight: 560;
      }
      .kind,
      .time {
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .work .button.icon {
        margin-inline-end: 6px;
      }
      .empty {
        display: grid;
        justify-items: center;
        gap: 4px;
        padding: 26px 20px;
        border: 1px dashed var(--tl-edge);
        border-radius: var(--tl-radius);
        color: var(--tl-muted);
        text-align: center;
      }
      .empty b {
        color: var(--tl-text);
        font-weight: 620;
      }
      .empty .button {
        margin-top: 10px;
      }
    `]}openStatusMenu(){this.statusMenu?.open()}acceptFirst(){this.firstOffer?.accept()}declineFirst(){this.firstOffer?.decline()}render(){this.observe;let{board:e}=this.workspace;return C`
      <div class="sr" aria-live="assertive" role="alert">${this.announcement}</div>
      ${this.compact?E:this.renderMe()} ${this.renderOffers(Pt(e))}
      ${this.compact?E:this.renderWorks(Ft(e))}
    `}willUpdate(e){let t=Pt(this.workspace.board);for(let e of t)this.announce(e);let n=new Set(t.map(e=>e.workId));for(let e of this.announced)n.has(e)||this.announced.delete(e);t.length===0&&(this.announcement=``)}announce(e){let t=this.workspace.subject(e);if(t.isLoading||this.announced.has(e.workId))return;this.announced.add(e.workId);let n=e.pushTimeout>0?` ${e.pushTimeout} seconds to answer.`:``;this.announcement=`New offer: ${t.kind}, ${t.title}.${n}`}renderMe(){return C`<section class="me" aria-label="Status and capacity">
      <trunkline-status-menu .workspace=${this.workspace}></trunkline-status-menu>
      <trunkline-capacity
        .capacity=${this.workspace.board.capacity}
        .works=${this.workspace.board.works}
      ></trunkline-capacity>
    </section>`}renderOffers(e){return e.length===0?E:C`<section class="incoming" aria-labelledby="offers">
      <h2 id="offers" class=${this.compact?`sr`:``}>
        Offered to you <span class="count live num">${e.length}</span>
      </h2>
      <ul class="offers" role="list">
        ${Cn(e,e=>e.workId,e=>C`<li>
              <trunkline-offer
                data-work-id=${e.workId}
                data-type=${e.workItemType}
                ?compact=${this.compact}
                .workspace=${this.workspace}
                .work=${e}
              ></trunkline-offer>
            </li>`)}
      </ul>
    </section>`}renderWorks(e){return C`<section aria-labelledby="works">
      <h2 id="works">
        Your work ${e.length>0?C`<span class="count num">${e.length}</span>`:E}
      </h2>
      ${e.length===0?this.renderEmpty():C`<ul class="works" role="list">
            ${Cn(e,e=>e.workId,e=>this.renderWork(e))}
          </ul>`}
    </section>`}renderWork(e){let t=this.workspace.subject(e),n=I(e.workId,this.selected);return C`<li class="work ${n?`current`:``}" data-work-id=${e.workId}>
      <button
        class="show"
        type="button"
        aria-current=${n?`true`:`false`}
        @click=${()=>this.select(e)}
      >
        ${V(rn(e.workItemType))}
        <span class="words">
          <span class="title clip">${t.isLoading?`Loading…`:t.title}</span>
          <span class="kind clip">${t.kind}</span>
        </span>
        ${e.acceptedAt===null?E:C`<trunkline-stopwatch
              class="time num"
              .clock=${this.workspace.clock}
              .since=${e.acceptedAt}
            ></trunkline-stopwatch>`}
      </button>
      <button
        class="button icon"
        type="button"
        aria-label="Close: ${t.title}"
        title="Close"
        ?disabled=${this.workspace.isBusy(e)}
        @click=${()=>this.workspace.close(e)}
      >
        ${V(`close`,18)}
      </button>
    </li>`}renderEmpty(){if(!this.workspace.isReady)return C`<div class="empty">Loading your work…</div>`;let{presence:e}=this.workspace.board;switch(ln(e)){case`online`:return C`<div class="empty">
          <b>All clear</b>
          <span>New work appears here by itself.</span>
        </div>`;case`busy`:return C`<div class="empty">
          <b>${e.statusName}</b>
          <span>No new work arrives until you go online.</span>
        </div>`;case`offline`:return C`<div class="empty">
          <b>You are offline</b>
          <span>Choose a status to start receiving work.</span>
          <button class="button" type="button" @click=${this.openStatusMenu}>Choose status</button>
        </div>`}}select(e){this.dispatchEvent(new CustomEvent(`select-work`,{detail:e.workId}))}};H([M({attribute:!1})],X.prototype,`workspace`,void 0),H([M({attribute:!1})],X.prototype,`selected`,void 0),H([M({type:Boolean,reflect:!0})],X.prototype,`compact`,void 0),H([N()],X.prototype,`announcement`,void 0),H([P(`trunkline-status-menu`)],X.prototype,`statusMenu`,void 0),H([P(`trunkline-offer`)],X.prototype,`firstOffer`,void 0),X=H([j(`trunkline-omni`)],X);var Wn=5e3,Gn=class{#e=null;#t;start(){this.#t||=(this.play(),setInterval(()=>void this.play(),Wn))}stop(){clearInterval(this.#t),this.#t=void 0}async play(){if(!navigator.userActivation?.hasBeenActive)return;this.#e??=new AudioContext;let e=this.#e;e.state===`suspended`&&await e.resume().catch(()=>void 0),e.state===`running`&&(Kn(e,659.25,0),Kn(e,880,.16))}};function Kn(e,t,n){let r=e.currentTime+n,i=e.createOscillator(),a=e.createGain();i.frequency.value=t,a.gain.setValueAtTime(0,r),a.gain.linearRampToValueAtTime(.16,r+.02),a.gain.exponentialRampToValueAtTime(1e-4,r+.7),i.connect(a).connect(e.destination),i.start(r),i.stop(r+.75)}var qn=class extends A{constructor(...e){super(...e),this.tick=new on(this,1e3)}static{this.styles=[z,B,d`
      :host {
        display: block;
      }
      .banner {
        display: flex;
        align-items: center;
        gap: 12px;
        padding: 3px 3px 3px 14px;
        border-radius: 10px;
        background: var(--tl-busy-soft);
        color: var(--tl-busy);
        font-weight: 560;
      }
      .banner.offline {
        background: var(--tl-danger-soft);
        color: var(--tl-danger);
      }
      p {
        flex: 1;
      }
      .wait {
        font-weight: 400;
      }
      @media (max-width: 760px) {
        .banner {
          padding: 6px 8px 6px 14px;
          border-radius: 0;
        }
      }
    `]}render(){this.tick;let{phase:e}=this.link;return C`<div role="status">
      ${e===`reconnecting`||e===`offline`?C`<div class="banner ${e}">
            ${V(e===`offline`?`unplugged`:`alert`)}
            <p>
              ${e===`offline`?`Offline. The server cannot be reached.`:`Connection lost. Reconnecting…`}
              <span class="wait" aria-hidden="true">${this.wait()}</span>
            </p>
            <button class="button" type="button" @click=${this.retry}>Try now</button>
          </div>`:E}
    </div>`}wait(){let{retryAt:e}=this.link;if(e===null)return`Trying now…`;let t=Math.ceil((e-Date.now())/1e3);return t>1?`Next attempt in ${t} s.`:``}retry(){this.dispatchEvent(new CustomEvent(`retry`))}};H([M({attribute:!1})],qn.prototype,`link`,void 0),qn=H([j(`trunkline-link`)],qn);var Jn=class extends A{constructor(...e){super(...e),this.list=[]}static{this.styles=[z,B,d`
      :host {
        position: fixed;
        inset: auto 20px 20px auto;
        z-index: 2;
        width: min(380px, calc(100vw - 32px));
        pointer-events: none;
      }
      div[aria-live] {
        display: grid;
        gap: 8px;
      }
      .notice {
        display: flex;
        align-items: center;
        gap: 10px;
        padding: 8px 6px 8px 14px;
        border: 1px solid var(--tl-line);
        border-radius: var(--tl-radius);
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow-high);
        animation: arrive 200ms ease-out;
        pointer-events: auto;
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }
      .notice > svg {
        color: var(--tl-accent);
      }
      .notice.error > svg {
        color: var(--tl-danger);
      }
      p {
        flex: 1;
        overflow-wrap: anywhere;
      }
      @media (max-width: 760px) {
        :host {
          inset: auto 16px 16px;
        }
      }
    `]}render(){return C`<div aria-live="polite" role="log" aria-label="Messages">
      ${Cn(this.list,e=>e.id,e=>C`<div class="notice ${e.tone}" role=${e.tone===`error`?`alert`:`note`}>
            ${V(e.tone===`error`?`alert`:`info`)}
            <p>${e.text}</p>
            <button
              class="button icon"
              type="button"
              aria-label="Dismiss message"
              @click=${()=>this.dismiss(e)}
            >
              ${V(`close`,16)}
            </button>
          </div>`)}
    </div>`}dismiss(e){this.dispatchEvent(new CustomEvent(`dismiss`,{detail:e.id}))}};H([M({attribute:!1})],Jn.prototype,`list`,void 0),Jn=H([j(`trunkline-notices`)],Jn);var Z=class extends A{constructor(...e){super(...e),this.observe=new W(this,()=>this.workspace)}static{this.styles=[z,B,tn,d`
      :host {
        display: block;
        max-width: 900px;
        padding: 26px 32px 48px;
      }
      header {
        display: grid;
        gap: 12px;
        margin-bottom: 24px;
      }
      .line {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 38px;
        color: var(--tl-muted);
        font-weight: 560;
      }
      button.back {
        display: none;
        margin-inline-start: -10px;
      }
      .timer {
        margin-inline-end: 6px;
        color: var(--tl-text);
        font-size: 15px;
      }
      .space {
        flex: 1;
      }
      h2 {
        font-size: 24px;
        font-weight: 660;
        line-height: 1.25;
        letter-spacing: -0.015em;
        overflow-wrap: anywhere;
        outline-offset: 6px;
      }
      .chips {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
      }
      .cards {
        display: grid;
        grid-template-columns: minmax(0, 1.7fr) minmax(240px, 1fr);
        gap: 18px;
        align-items: start;
      }
      .card {
        padding: 20px 22px;
        border: 1px solid var(--tl-line);
        border-radius: 14px;
        background: var(--tl-surface);
        box-shadow: var(--tl-shadow);
      }
      h3 {
        margin-bottom: 14px;
        font-size: 13px;
        font-weight: 640;
      }
      dl {
        display: grid;
        grid-template-columns: repeat(2, minmax(0, 1fr));
        gap: 14px 20px;
      }
      dt {
        color: var(--tl-muted);
        font-size: 12px;
      }
      dd {
        margin-top: 1px;
        font-size: 15px;
        overflow-wrap: anywhere;
      }
      .description {
        margin-top: 18px;
        padding-top: 16px;
        border-top: 1px solid var(--tl-line);
        font-size: 15px;
        line-height: 1.6;
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      .way {
        position: relative;
        display: grid;
        gap: 18px;
      }
      .way li {
        position: relative;
        padding-inline-start: 26px;
      }
      .way li::before {
        content: '';
        position: absolute;
        inset: 5px auto auto 2px;
        width: 10px;
        height: 10px;
        border-radius: 50%;
        background: var(--tl-accent);
      }
      .way li:last-child::before {
        background: light-dark(#c9821f, #f2b45c);
      }
      .way li:not(:last-child)::after {
        content: '';
        position: absolute;
        inset: 18px auto -20px 6px;
        width: 2px;
        border-radius: 1px;
        background: var(--tl-line);
      }
      .way .at {
        display: block;
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      .weight {
        margin-top: 18px;
        padding-top: 14px;
        border-top: 1px solid var(--tl-line);
        color: var(--tl-muted);
        font-size: 12.5px;
      }
      @media (max-width: 1080px) {
        .cards {
          grid-template-columns: minmax(0, 1fr);
        }
      }
      @media (max-width: 760px) {
        :host {
          padding: 8px 16px 96px;
        }
        button.back {
          display: inline-flex;
        }
        h2 {
          font-size: 20px;
        }
        .card {
          padding: 16px;
        }
      }
    `]}focus(){this.heading.focus()}render(){this.observe;let{work:e,workspace:t}=this,n=t.subject(e);return C`
      <header>
        <div class="line">
          <button class="button icon back" type="button" aria-label="Back to your work" @click=${this.back}>
            ${V(`back`)}
          </button>
          ${V(rn(e.workItemType),18)} <span class="clip">${n.kind}</span>
          <span class="space"></span>
          ${e.acceptedAt===null?E:C`<trunkline-stopwatch
                class="timer num"
                aria-label="Time in work"
                role="timer"
                .clock=${t.clock}
                .since=${e.acceptedAt}
              ></trunkline-stopwatch>`}
          <button
            class="button"
            type="button"
            aria-label="Close: ${n.title}"
            ?disabled=${t.isBusy(e)}
            @click=${()=>t.close(e)}
          >
            ${V(`check`,18)} Close
          </button>
        </div>
        <h2 tabindex="-1">${n.isLoading?`Loading…`:n.title}</h2>
        <div class="chips">
          ${n.priority?C`<span class="chip ${dn(n.priority)?`high`:``}"
                >${n.priority} priority</span
              >`:E}
          ${cn(e).map(e=>C`<span class="chip">${e}</span>`)}
          ${e.isInterruptible?C`<span class="chip">Interruptible</span>`:E}
        </div>
      </header>
      <div class="cards">
        <section class="card" aria-labelledby="details">
          <h3 id="details">Details</h3>
          <dl>${this.facts(n.facts)}</dl>
          ${n.description?C`<p class="description">${n.description}</p>`:E}
        </section>
        <section class="card" aria-labelledby="way">
          <h3 id="way">How it came to you</h3>
          ${this.renderWay()} ${this.renderWeight()}
        </section>
      </div>
    `}facts(e){return(e.length>0?e:[{label:`Record`,value:this.work.workItemId}]).map(e=>C`<div><dt>${e.label}</dt><dd class="num">${e.value}</dd></div>`)}renderWay(){let{requestedAt:e,assignedAt:t,acceptedAt:n,queueName:r}=this.work,i=t!==null&&n!==null?Pn(n-t):null;return C`<ol class="way" role="list">
      ${Yn(r?`Waiting in ${r}`:`Waiting`,e)}
      ${Yn(`Offered to you`,t)}
      ${Yn(i?`Accepted after ${i}`:`Accepted`,n)}
    </ol>`}renderWeight(){let{capacityWeight:e,capacityPercentage:t}=this.work;return e===null&&t===null?E:C`<p class="weight num">Takes ${e===null?`${t} %`:`${e}`} of your capacity.</p>`}back(){this.dispatchEvent(new CustomEvent(`back`))}};H([M({attribute:!1})],Z.prototype,`workspace`,void 0),H([M({attribute:!1})],Z.prototype,`work`,void 0),H([P(`h2`)],Z.prototype,`heading`,void 0),Z=H([j(`trunkline-record`)],Z);function Yn(e,t){return t===null?E:C`<li>${e}<span class="at num">${Mn(t)}</span></li>`}var Xn=[[`A`,`Accept the oldest offer`],[`D`,`Decline the oldest offer`],[`S`,`Open the status menu`],[`?`,`Show this overview`]],Q=class extends A{constructor(...e){super(...e),this.enabled=!0}static{this.styles=[z,B,d`
      dialog {
        width: min(420px, calc(100vw - 32px));
        padding: 22px 24px 24px;
        border: 1px solid var(--tl-line);
        border-radius: 16px;
        background: var(--tl-surface);
        color: var(--tl-text);
        box-shadow: var(--tl-shadow-high);
      }
      dialog::backdrop {
        background: light-dark(#1b232759, #000000a6);
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        margin-bottom: 12px;
      }
      h2 {
        font-size: 17px;
        font-weight: 640;
      }
      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: 10px 14px;
        align-items: center;
      }
      kbd {
        display: inline-block;
        min-width: 30px;
        padding: 3px 8px;
        border: 1px solid var(--tl-edge);
        border-radius: 6px;
        background: var(--tl-sunken);
        font: inherit;
        font-weight: 620;
        text-align: center;
      }
      label {
        display: flex;
        gap: 10px;
        align-items: center;
        margin-top: 18px;
        padding-top: 16px;
        border-top: 1px solid var(--tl-line);
      }
      input {
        width: 18px;
        height: 18px;
        margin: 0;
        accent-color: var(--tl-accent);
      }
    `]}show(){this.dialog.open||this.dialog.showModal()}render(){return C`<dialog aria-labelledby="title">
      <header>
        <h2 id="title">Keyboard shortcuts</h2>
        <button
          class="button icon"
          type="button"
          aria-label="Close overview"
          @click=${()=>this.dialog.close()}
        >
          ${V(`close`,18)}
        </button>
      </header>
      <dl>${Xn.map(([e,t])=>C`<dt><kbd>${e}</kbd></dt><dd>${t}</dd>`)}</dl>
      <label>
        <input type="checkbox" .checked=${this.enabled} @change=${this.changed} /> Use single-key
        shortcuts
      </label>
    </dialog>`}changed(e){let t=e.target.checked;this.dispatchEvent(new CustomEvent(`enable`,{detail:t}))}};H([M({type:Boolean})],Q.prototype,`enabled`,void 0),H([P(`dialog`)],Q.prototype,`dialog`,void 0),Q=H([j(`trunkline-shortcuts`)],Q);var Zn=d`
  :host {
    display: flex;
    flex-direction: column;
    height: 100dvh;
    overflow: hidden;
    background: var(--tl-bg);
  }
  header {
    position: relative;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px;
    min-height: 58px;
    padding: 0 18px;
    border-bottom: 1px solid var(--tl-line);
    background: var(--tl-surface);
  }
  h1 {
    display: flex;
    align-items: center;
    gap: 10px;
    font-size: 17px;
    font-weight: 660;
    letter-spacing: -0.015em;
  }
  .space {
    flex: 1;
  }
  .link {
    display: inline-flex;
    align-items: center;
    gap: 7px;
    margin-inline-start: 18px;
    color: var(--tl-muted);
    font-size: 12.5px;
    font-weight: 560;
  }
  .link .dot {
    width: 8px;
    height: 8px;
    border-radius: 50%;
    background: var(--tl-online);
  }
  .link.connecting .dot,
  .link.reconnecting .dot {
    background: var(--tl-busy);
    animation: breathe 1.2s ease-in-out infinite alternate;
  }
  .link.offline .dot {
    background: var(--tl-danger);
  }
  @keyframes breathe {
    to {
      opacity: 0.25;
    }
  }
  /* In the free middle of the header: a lost connection must not move what is being clicked. */
  trunkline-link {
    position: absolute;
    left: 50%;
    transform: translateX(-50%);
  }
  .user {
    margin-inline-start: 6px;
  }
  .user::part(trigger) {
    padding: 3px;
    border: 0;
    border-radius: 50%;
    background: none;
  }
  .avatar {
    display: grid;
    width: 34px;
    height: 34px;
    place-items: center;
    border-radius: 50%;
    background: var(--tl-accent-soft);
    color: var(--tl-accent);
    font-size: 13px;
    font-weight: 640;
  }
  .columns {
    display: grid;
    flex: 1;
    grid-template-columns: 372px minmax(0, 1fr);
    min-height: 0;
  }
  aside {
    min-height: 0;
    overflow: auto;
    border-inline-end: 1px solid var(--tl-line);
    background: var(--tl-sunken);
  }
  main {
    min-height: 0;
    overflow: auto;
  }
  .nothing {
    display: grid;
    min-height: 100%;
    align-content: center;
    justify-items: center;
    gap: 4px;
    padding: 24px 24px 12vh;
    color: var(--tl-muted);
    text-align: center;
  }
  .nothing svg {
    margin-bottom: 22px;
  }
  .nothing b {
    color: var(--tl-text);
    font-size: 16px;
    font-weight: 620;
  }
  .wire {
    stroke: var(--tl-line);
  }
  .node {
    fill: var(--tl-bg);
    stroke: var(--tl-line);
    stroke-width: 3;
  }
  .end {
    fill: light-dark(#f2b45c, #b9812f);
  }
  @media (max-width: 760px) {
    header {
      row-gap: 0;
      padding: 9px 12px 0;
    }
    .wide {
      display: none;
    }
    trunkline-link {
      position: static;
      flex: 1 0 100%;
      order: 1;
      margin: 9px -12px 0;
      transform: none;
    }
    .link {
      margin-inline-start: 12px;
    }
    .columns {
      display: block;
      overflow: auto;
    }
    aside,
    main {
      overflow: visible;
      border: 0;
    }
    aside {
      min-height: 100%;
    }
    /* An offer that comes while the agent reads far down must be seen. */
    .columns.detail aside {
      position: sticky;
      top: 0;
      z-index: 1;
      min-height: 0;
      max-height: 60dvh;
      overflow: auto;
    }
  }
`,Qn={connecting:`Connecting…`,connected:`Connected`,reconnecting:`Reconnecting…`,offline:`Offline`},$n=[{id:`auto`,label:`Like the system`},{id:`light`,label:`Light`},{id:`dark`,label:`Dark`}],$=class extends A{constructor(...e){super(...e),this.selected=null,this.preferences=n(),this.isNarrow=!1,this.observe=new W(this,()=>this.workspace),this.chime=new Gn,this.narrow=matchMedia(`(max-width: 760px)`),this.focusNext=null,this.toggleSound=()=>{let e=!this.preferences.sound;this.prefer({sound:e}),e&&this.chime.play()},this.widthChanged=()=>{this.isNarrow=this.narrow.matches},this.keyPressed=e=>{if(e.ctrlKey||e.metaKey||e.altKey||e.repeat||e.composedPath().some(er))return;if(e.key===`?`)return this.shortcuts.show();if(!this.preferences.shortcuts)return;let t=this.actionOf(e.key.toLowerCase());t&&(e.preventDefault(),t())}}static{this.styles=[z,B,Zn]}connectedCallback(){super.connectedCallback(),this.narrow.addEventListener(`change`,this.widthChanged),this.widthChanged(),addEventListener(`keydown`,this.keyPressed)}disconnectedCallback(){super.disconnectedCallback(),this.narrow.removeEventListener(`change`,this.widthChanged),removeEventListener(`keydown`,this.keyPressed),this.chime.stop(),document.title=`Trunkline`}render(){this.observe;let e=this.shown,t=this.isNarrow&&e!==void 0;return C`
      ${this.renderHeader()}
      <div class="columns ${t?`detail`:``}">
        <aside aria-label="Omni-Channel">
          <trunkline-omni
            ?compact=${t}
            .workspace=${this.workspace}
            .selected=${e?.workId??null}
            @select-work=${this.select}
            @accept-offer=${this.accepted}
          ></trunkline-omni>
        </aside>
        ${this.isNarrow&&!e?E:C`<main>${this.renderMain(e)}</main>`}
      </div>
      <trunkline-notices
        .list=${this.workspace.notices.list}
        @dismiss=${e=>this.workspace.notices.dismiss(e.detail)}
      ></trunkline-notices>
      <trunkline-shortcuts
        ?enabled=${this.preferences.shortcuts}
        @enable=${e=>this.prefer({shortcuts:e.detail})}
      ></trunkline-shortcuts>
    `}updated(e){let t=Pt(this.workspace.board).length;document.title=t>0?`(${t}) Offer waiting · Trunkline`:`Trunkline`,t>0&&this.preferences.sound?this.chime.start():this.chime.stop(),this.focusNext!==null&&this.shown?.workId===this.focusNext&&(this.focusNext=null,this.record?.updateComplete.then(()=>this.record?.focus()))}get shown(){let e=Ft(this.workspace.board);return It({...this.workspace.board,works:e},this.selected)??(this.isNarrow?void 0:e.at(-1))}renderHeader(){let{link:e,userName:t}=this.workspace,{sound:n}=this.preferences;return C`<header>
      <h1>${an(30)}<span class="wide">Trunkline</span><span class="sr">: agent workspace</span></h1>
      <span class="link ${e.phase}" title="Connection to the server">
        <span class="dot"></span><span class="words">${Qn[e.phase]}</span>
      </span>
      <trunkline-link
        .link=${this.workspace.link}
        @retry=${()=>this.workspace.retryConnection()}
      ></trunkline-link>
      <span class="space"></span>
      <button
        class="button icon"
        type="button"
        aria-label="Sound on offers"
        title=${n?`Sound on offers: on`:`Sound on offers: off`}
        aria-pressed=${n}
        @click=${this.toggleSound}
      >
        ${V(n?`bell`:`mute`)}
      </button>
      <trunkline-menu
        class="button icon"
        radio
        label="Theme"
        .groups=${this.themeGroups()}
        @choose=${e=>this.prefer({theme:e.detail})}
      >
        ${V(nr()?`moon`:`sun`)}
      </trunkline-menu>
      <trunkline-menu
        class="user"
        label="User: ${t}"
        .groups=${[{label:t,items:[{id:`keys`,label:`Keyboard shortcuts`},{id:`out`,label:`Log out`}]}]}
        @choose=${this.userChoice}
      >
        <span class="avatar">${tr(t)}</span>
      </trunkline-menu>
    </header>`}themeGroups(){return[{label:`Theme`,items:$n.map(e=>({...e,checked:e.id===this.preferences.theme}))}]}renderMain(e){if(e)return C`<trunkline-record
        .workspace=${this.workspace}
        .work=${e}
        @back=${()=>this.selected=null}
      ></trunkline-record>`;let t=ln(this.workspace.board.presence)===`online`;return C`<div class="nothing">
      ${rr()}
      <p><b>${t?`Ready when the next one comes`:`Nothing open`}</b></p>
      <p>What you accept opens here.</p>
    </div>`}select(e){this.selected=e.detail;let t=It(this.workspace.board,e.detail);t&&this.workspace.refreshRecord(t),this.focusNext=e.detail}accepted(e){this.selected=e.detail,this.focusNext=e.detail}userChoice(e){e.detail===`keys`?this.shortcuts.show():this.dispatchEvent(new CustomEvent(`log-out`))}prefer(e){this.preferences={...this.preferences,...e},r(this.preferences),i(this.preferences.theme)}actionOf(e){switch(e){case`a`:return()=>this.omni.acceptFirst();case`d`:return()=>this.omni.declineFirst();case`s`:return()=>this.omni.openStatusMenu();default:return}}};H([M({attribute:!1})],$.prototype,`workspace`,void 0),H([N()],$.prototype,`selected`,void 0),H([N()],$.prototype,`preferences`,void 0),H([N()],$.prototype,`isNarrow`,void 0),H([P(`trunkline-omni`)],$.prototype,`omni`,void 0),H([P(`trunkline-record`)],$.prototype,`record`,void 0),H([P(`trunkline-shortcuts`)],$.prototype,`shortcuts`,void 0),$=H([j(`trunkline-workspace`)],$);function er(e){return e instanceof HTMLElement&&e.matches(`input, textarea, select, dialog[open]`)}function tr(e){let t=(e.split(`@`)[0]??``).split(/[\s._-]+/).filter(Boolean);return(t.length>1?[t[0],t.at(-1)]:t).map(e=>e[0].toUpperCase()).join(``)||`?`}function nr(){let e=document.documentElement.dataset.theme;return e?e===`dark`:matchMedia(`(prefers-color-scheme: dark)`).matches}function rr(){return C`<svg viewBox="0 0 220 90" width="220" height="90" fill="none" aria-hidden="true">
    <path class="wire" d="M14 26h192M110 26v42" stroke-width="3" stroke-linecap="round" />
    <circle class="node" cx="14" cy="26" r="7" />
    <circle class="node" cx="62" cy="26" r="7" />
    <circle class="node" cx="158" cy="26" r="7" />
    <circle class="node" cx="206" cy="26" r="7" />
    <circle class="end" cx="110" cy="72" r="10" />
  </svg>`}var ir=class extends A{constructor(...e){super(...e),this.workspace=null,this.reason=``}static{this.styles=[en]}connectedCallback(){super.connectedCallback();let e=dt();e&&this.enter(e)}disconnectedCallback(){super.disconnectedCallback(),this.leave(``)}render(){return this.workspace?C`<trunkline-workspace
      .workspace=${this.workspace}
      @log-out=${this.logOut}
    ></trunkline-workspace>`:C`<trunkline-login
        reason=${this.reason}
        @logged-in=${e=>this.enter(e.detail)}
      ></trunkline-login>`}enter(e){this.reason=``,this.workspace=new $t(e,()=>{ht(),this.leave(`Your session has ended. Please log in again.`)}),this.workspace.start()}leave(e){this.workspace&&(this.workspace.stop(),this.workspace=null,this.reason=e)}async logOut(){let e=this.workspace;e&&(e.board.presence.statusId!==null&&await e.setStatus(null),this.leave(``),await _t(e.session))}};H([N()],ir.prototype,`workspace`,void 0),H([N()],ir.prototype,`reason`,void 0),ir=H([j(`trunkline-console`)],ir),i(n().theme);