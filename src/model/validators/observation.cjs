// Written by scripts/validators.ts: change the schema, and run it again.
"use strict";
module.exports = validate10;
module.exports.default = validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["format_version","type","observed_at","jailctl_version","stats","lists","links","texts","parts","digests","commands","queries","path_queries"],"additionalProperties":false,"properties":{"format_version":{"type":"string","pattern":"^1\\.[0-9]+$"},"type":{"const":"observation","type":"string"},"observed_at":{"type":"string","minLength":1},"jailctl_version":{"type":"string","minLength":1},"stats":{"type":"object","additionalProperties":{"type":["array","null"],"minItems":12,"maxItems":12,"items":{"type":["string","number"]}}},"lists":{"type":"object","additionalProperties":{"type":["array","null"],"items":{"type":"string"}}},"links":{"type":"object","additionalProperties":{"type":"string"}},"texts":{"type":"object","additionalProperties":{"type":["string","null"]}},"parts":{"type":"object","additionalProperties":{"type":"object","additionalProperties":{"type":"string"}}},"digests":{"type":"object","additionalProperties":{"type":"string","pattern":"^[0-9a-f]{64}$"}},"commands":{"type":"object","additionalProperties":{"type":["string","null"]}},"queries":{"type":"object","additionalProperties":{"type":"object","required":["status","stdout","stderr"],"additionalProperties":false,"properties":{"status":{"type":"integer"},"stdout":{"type":"string"},"stderr":{"type":"string"}}}},"path_queries":{"type":"array","items":{"type":"object","required":["argv","outputs"],"additionalProperties":false,"properties":{"argv":{"type":"array","items":{"type":"string"}},"outputs":{"type":"object","additionalProperties":{"type":"string"}}}}}}};
const func2 = Object.prototype.hasOwnProperty;
const func3 = require("ajv/dist/runtime/ucs2length").default;
const pattern0 = new RegExp("^1\\.[0-9]+$", "u");
const pattern1 = new RegExp("^[0-9a-f]{64}$", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((((((((data.format_version === undefined) && (missing0 = "format_version")) || ((data.type === undefined) && (missing0 = "type"))) || ((data.observed_at === undefined) && (missing0 = "observed_at"))) || ((data.jailctl_version === undefined) && (missing0 = "jailctl_version"))) || ((data.stats === undefined) && (missing0 = "stats"))) || ((data.lists === undefined) && (missing0 = "lists"))) || ((data.links === undefined) && (missing0 = "links"))) || ((data.texts === undefined) && (missing0 = "texts"))) || ((data.parts === undefined) && (missing0 = "parts"))) || ((data.digests === undefined) && (missing0 = "digests"))) || ((data.commands === undefined) && (missing0 = "commands"))) || ((data.queries === undefined) && (missing0 = "queries"))) || ((data.path_queries === undefined) && (missing0 = "path_queries"))){
validate10.errors = [{instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: missing0},message:"must have required property '"+missing0+"'"}];
return false;
}
else {
const _errs1 = errors;
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
validate10.errors = [{instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs1 === errors){
if(data.format_version !== undefined){
let data0 = data.format_version;
const _errs2 = errors;
if(errors === _errs2){
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
validate10.errors = [{instancePath:instancePath+"/format_version",schemaPath:"#/properties/format_version/pattern",keyword:"pattern",params:{pattern: "^1\\.[0-9]+$"},message:"must match pattern \""+"^1\\.[0-9]+$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/format_version",schemaPath:"#/properties/format_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs2 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.type !== undefined){
let data1 = data.type;
const _errs4 = errors;
if(typeof data1 !== "string"){
validate10.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
if("observation" !== data1){
validate10.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/const",keyword:"const",params:{allowedValue: "observation"},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.observed_at !== undefined){
let data2 = data.observed_at;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(func3(data2) < 1){
validate10.errors = [{instancePath:instancePath+"/observed_at",schemaPath:"#/properties/observed_at/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/observed_at",schemaPath:"#/properties/observed_at/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.jailctl_version !== undefined){
let data3 = data.jailctl_version;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(func3(data3) < 1){
validate10.errors = [{instancePath:instancePath+"/jailctl_version",schemaPath:"#/properties/jailctl_version/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/jailctl_version",schemaPath:"#/properties/jailctl_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.stats !== undefined){
let data4 = data.stats;
const _errs10 = errors;
if(errors === _errs10){
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
let data5 = data4[key1];
const _errs13 = errors;
if((!(Array.isArray(data5))) && (data5 !== null)){
validate10.errors = [{instancePath:instancePath+"/stats/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/stats/additionalProperties/type",keyword:"type",params:{type: schema11.properties.stats.additionalProperties.type},message:"must be array,null"}];
return false;
}
if(errors === _errs13){
if(Array.isArray(data5)){
if(data5.length > 12){
validate10.errors = [{instancePath:instancePath+"/stats/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/stats/additionalProperties/maxItems",keyword:"maxItems",params:{limit: 12},message:"must NOT have more than 12 items"}];
return false;
}
else {
if(data5.length < 12){
validate10.errors = [{instancePath:instancePath+"/stats/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/stats/additionalProperties/minItems",keyword:"minItems",params:{limit: 12},message:"must NOT have fewer than 12 items"}];
return false;
}
else {
var valid2 = true;
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
let data6 = data5[i0];
const _errs15 = errors;
if((typeof data6 !== "string") && (!((typeof data6 == "number") && (isFinite(data6))))){
validate10.errors = [{instancePath:instancePath+"/stats/" + key1.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i0,schemaPath:"#/properties/stats/additionalProperties/items/type",keyword:"type",params:{type: schema11.properties.stats.additionalProperties.items.type},message:"must be string,number"}];
return false;
}
var valid2 = _errs15 === errors;
if(!valid2){
break;
}
}
}
}
}
}
var valid1 = _errs13 === errors;
if(!valid1){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/stats",schemaPath:"#/properties/stats/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.lists !== undefined){
let data7 = data.lists;
const _errs17 = errors;
if(errors === _errs17){
if(data7 && typeof data7 == "object" && !Array.isArray(data7)){
for(const key2 in data7){
let data8 = data7[key2];
const _errs20 = errors;
if((!(Array.isArray(data8))) && (data8 !== null)){
validate10.errors = [{instancePath:instancePath+"/lists/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/lists/additionalProperties/type",keyword:"type",params:{type: schema11.properties.lists.additionalProperties.type},message:"must be array,null"}];
return false;
}
if(errors === _errs20){
if(Array.isArray(data8)){
var valid4 = true;
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
const _errs22 = errors;
if(typeof data8[i1] !== "string"){
validate10.errors = [{instancePath:instancePath+"/lists/" + key2.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + i1,schemaPath:"#/properties/lists/additionalProperties/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid4 = _errs22 === errors;
if(!valid4){
break;
}
}
}
}
var valid3 = _errs20 === errors;
if(!valid3){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/lists",schemaPath:"#/properties/lists/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs17 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.links !== undefined){
let data10 = data.links;
const _errs24 = errors;
if(errors === _errs24){
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key3 in data10){
const _errs27 = errors;
if(typeof data10[key3] !== "string"){
validate10.errors = [{instancePath:instancePath+"/links/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/links/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs27 === errors;
if(!valid5){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/links",schemaPath:"#/properties/links/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs24 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.texts !== undefined){
let data12 = data.texts;
const _errs29 = errors;
if(errors === _errs29){
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key4 in data12){
let data13 = data12[key4];
const _errs32 = errors;
if((typeof data13 !== "string") && (data13 !== null)){
validate10.errors = [{instancePath:instancePath+"/texts/" + key4.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/texts/additionalProperties/type",keyword:"type",params:{type: schema11.properties.texts.additionalProperties.type},message:"must be string,null"}];
return false;
}
var valid6 = _errs32 === errors;
if(!valid6){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/texts",schemaPath:"#/properties/texts/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs29 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.parts !== undefined){
let data14 = data.parts;
const _errs34 = errors;
if(errors === _errs34){
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key5 in data14){
let data15 = data14[key5];
const _errs37 = errors;
if(errors === _errs37){
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key6 in data15){
const _errs40 = errors;
if(typeof data15[key6] !== "string"){
validate10.errors = [{instancePath:instancePath+"/parts/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/parts/additionalProperties/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid8 = _errs40 === errors;
if(!valid8){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/parts/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/parts/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid7 = _errs37 === errors;
if(!valid7){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/parts",schemaPath:"#/properties/parts/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs34 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.digests !== undefined){
let data17 = data.digests;
const _errs42 = errors;
if(errors === _errs42){
if(data17 && typeof data17 == "object" && !Array.isArray(data17)){
for(const key7 in data17){
let data18 = data17[key7];
const _errs45 = errors;
if(errors === _errs45){
if(typeof data18 === "string"){
if(!pattern1.test(data18)){
validate10.errors = [{instancePath:instancePath+"/digests/" + key7.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/digests/additionalProperties/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/digests/" + key7.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/digests/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid9 = _errs45 === errors;
if(!valid9){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/digests",schemaPath:"#/properties/digests/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs42 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.commands !== undefined){
let data19 = data.commands;
const _errs47 = errors;
if(errors === _errs47){
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
for(const key8 in data19){
let data20 = data19[key8];
const _errs50 = errors;
if((typeof data20 !== "string") && (data20 !== null)){
validate10.errors = [{instancePath:instancePath+"/commands/" + key8.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/commands/additionalProperties/type",keyword:"type",params:{type: schema11.properties.commands.additionalProperties.type},message:"must be string,null"}];
return false;
}
var valid10 = _errs50 === errors;
if(!valid10){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/commands",schemaPath:"#/properties/commands/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs47 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.queries !== undefined){
let data21 = data.queries;
const _errs52 = errors;
if(errors === _errs52){
if(data21 && typeof data21 == "object" && !Array.isArray(data21)){
for(const key9 in data21){
let data22 = data21[key9];
const _errs55 = errors;
if(errors === _errs55){
if(data22 && typeof data22 == "object" && !Array.isArray(data22)){
let missing1;
if((((data22.status === undefined) && (missing1 = "status")) || ((data22.stdout === undefined) && (missing1 = "stdout"))) || ((data22.stderr === undefined) && (missing1 = "stderr"))){
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/queries/additionalProperties/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
const _errs57 = errors;
for(const key10 in data22){
if(!(((key10 === "status") || (key10 === "stdout")) || (key10 === "stderr"))){
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/queries/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key10},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs57 === errors){
if(data22.status !== undefined){
let data23 = data22.status;
const _errs58 = errors;
if(!(((typeof data23 == "number") && (!(data23 % 1) && !isNaN(data23))) && (isFinite(data23)))){
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/status",schemaPath:"#/properties/queries/additionalProperties/properties/status/type",keyword:"type",params:{type: "integer"},message:"must be integer"}];
return false;
}
var valid12 = _errs58 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data22.stdout !== undefined){
const _errs60 = errors;
if(typeof data22.stdout !== "string"){
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/stdout",schemaPath:"#/properties/queries/additionalProperties/properties/stdout/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid12 = _errs60 === errors;
}
else {
var valid12 = true;
}
if(valid12){
if(data22.stderr !== undefined){
const _errs62 = errors;
if(typeof data22.stderr !== "string"){
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1")+"/stderr",schemaPath:"#/properties/queries/additionalProperties/properties/stderr/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid12 = _errs62 === errors;
}
else {
var valid12 = true;
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/queries/" + key9.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/queries/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid11 = _errs55 === errors;
if(!valid11){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/queries",schemaPath:"#/properties/queries/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs52 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.path_queries !== undefined){
let data26 = data.path_queries;
const _errs64 = errors;
if(errors === _errs64){
if(Array.isArray(data26)){
var valid13 = true;
const len2 = data26.length;
for(let i2=0; i2<len2; i2++){
let data27 = data26[i2];
const _errs66 = errors;
if(errors === _errs66){
if(data27 && typeof data27 == "object" && !Array.isArray(data27)){
let missing2;
if(((data27.argv === undefined) && (missing2 = "argv")) || ((data27.outputs === undefined) && (missing2 = "outputs"))){
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2,schemaPath:"#/properties/path_queries/items/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
const _errs68 = errors;
for(const key11 in data27){
if(!((key11 === "argv") || (key11 === "outputs"))){
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2,schemaPath:"#/properties/path_queries/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs68 === errors){
if(data27.argv !== undefined){
let data28 = data27.argv;
const _errs69 = errors;
if(errors === _errs69){
if(Array.isArray(data28)){
var valid15 = true;
const len3 = data28.length;
for(let i3=0; i3<len3; i3++){
const _errs71 = errors;
if(typeof data28[i3] !== "string"){
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2+"/argv/" + i3,schemaPath:"#/properties/path_queries/items/properties/argv/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid15 = _errs71 === errors;
if(!valid15){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2+"/argv",schemaPath:"#/properties/path_queries/items/properties/argv/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid14 = _errs69 === errors;
}
else {
var valid14 = true;
}
if(valid14){
if(data27.outputs !== undefined){
let data30 = data27.outputs;
const _errs73 = errors;
if(errors === _errs73){
if(data30 && typeof data30 == "object" && !Array.isArray(data30)){
for(const key12 in data30){
const _errs76 = errors;
if(typeof data30[key12] !== "string"){
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2+"/outputs/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/path_queries/items/properties/outputs/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid16 = _errs76 === errors;
if(!valid16){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2+"/outputs",schemaPath:"#/properties/path_queries/items/properties/outputs/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid14 = _errs73 === errors;
}
else {
var valid14 = true;
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/path_queries/" + i2,schemaPath:"#/properties/path_queries/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid13 = _errs66 === errors;
if(!valid13){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/path_queries",schemaPath:"#/properties/path_queries/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs64 === errors;
}
else {
var valid0 = true;
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
}
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}
