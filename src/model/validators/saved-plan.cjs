// Written by scripts/validators.ts: change the schema, and run it again.
"use strict";
module.exports = validate10;
module.exports.default = validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["format_version","type","id","created_at","jailctl_version","manifest","jails","archive","text","facts","digest"],"additionalProperties":false,"properties":{"format_version":{"type":"string","pattern":"^1\\.[0-9]+$"},"type":{"const":"saved_plan","type":"string"},"id":{"type":"string","pattern":"^[0-9a-f]{32}$"},"created_at":{"type":"string","minLength":1},"jailctl_version":{"type":"string","minLength":1},"manifest":{"type":"object","required":["path","digest","requirements"],"additionalProperties":false,"properties":{"path":{"type":"string","pattern":"^/"},"digest":{"type":"string","pattern":"^[0-9a-f]{64}$"},"requirements":{"type":"array","items":{"type":"object","required":["path","sha256"],"additionalProperties":false,"properties":{"path":{"type":"string","pattern":"^/"},"sha256":{"type":"string","pattern":"^[0-9a-f]{64}$"}}}}}},"jails":{"type":["array","null"],"items":{"type":"string","minLength":1}},"archive":{"type":["string","boolean","null"]},"text":{"type":"array","items":{"type":"string"}},"facts":{"type":"array","items":{"type":"object","required":["address","wanted"],"additionalProperties":false,"properties":{"address":{"type":"string","pattern":"^(firewall|limits|boot|jail|account|tree|login)/"},"wanted":{"type":["string","null"]},"found":{"type":["string","null"]}}}},"digest":{"type":"string","pattern":"^[0-9a-f]{64}$"}}};
const func2 = Object.prototype.hasOwnProperty;
const func3 = require("ajv/dist/runtime/ucs2length").default;
const pattern0 = new RegExp("^1\\.[0-9]+$", "u");
const pattern1 = new RegExp("^[0-9a-f]{32}$", "u");
const pattern2 = new RegExp("^/", "u");
const pattern3 = new RegExp("^[0-9a-f]{64}$", "u");
const pattern6 = new RegExp("^(firewall|limits|boot|jail|account|tree|login)/", "u");

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(errors === 0){
if(data && typeof data == "object" && !Array.isArray(data)){
let missing0;
if((((((((((((data.format_version === undefined) && (missing0 = "format_version")) || ((data.type === undefined) && (missing0 = "type"))) || ((data.id === undefined) && (missing0 = "id"))) || ((data.created_at === undefined) && (missing0 = "created_at"))) || ((data.jailctl_version === undefined) && (missing0 = "jailctl_version"))) || ((data.manifest === undefined) && (missing0 = "manifest"))) || ((data.jails === undefined) && (missing0 = "jails"))) || ((data.archive === undefined) && (missing0 = "archive"))) || ((data.text === undefined) && (missing0 = "text"))) || ((data.facts === undefined) && (missing0 = "facts"))) || ((data.digest === undefined) && (missing0 = "digest"))){
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
if("saved_plan" !== data1){
validate10.errors = [{instancePath:instancePath+"/type",schemaPath:"#/properties/type/const",keyword:"const",params:{allowedValue: "saved_plan"},message:"must be equal to constant"}];
return false;
}
var valid0 = _errs4 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.id !== undefined){
let data2 = data.id;
const _errs6 = errors;
if(errors === _errs6){
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
validate10.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{32}$"},message:"must match pattern \""+"^[0-9a-f]{32}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/id",schemaPath:"#/properties/id/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs6 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.created_at !== undefined){
let data3 = data.created_at;
const _errs8 = errors;
if(errors === _errs8){
if(typeof data3 === "string"){
if(func3(data3) < 1){
validate10.errors = [{instancePath:instancePath+"/created_at",schemaPath:"#/properties/created_at/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/created_at",schemaPath:"#/properties/created_at/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs8 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.jailctl_version !== undefined){
let data4 = data.jailctl_version;
const _errs10 = errors;
if(errors === _errs10){
if(typeof data4 === "string"){
if(func3(data4) < 1){
validate10.errors = [{instancePath:instancePath+"/jailctl_version",schemaPath:"#/properties/jailctl_version/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/jailctl_version",schemaPath:"#/properties/jailctl_version/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs10 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.manifest !== undefined){
let data5 = data.manifest;
const _errs12 = errors;
if(errors === _errs12){
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
let missing1;
if((((data5.path === undefined) && (missing1 = "path")) || ((data5.digest === undefined) && (missing1 = "digest"))) || ((data5.requirements === undefined) && (missing1 = "requirements"))){
validate10.errors = [{instancePath:instancePath+"/manifest",schemaPath:"#/properties/manifest/required",keyword:"required",params:{missingProperty: missing1},message:"must have required property '"+missing1+"'"}];
return false;
}
else {
const _errs14 = errors;
for(const key1 in data5){
if(!(((key1 === "path") || (key1 === "digest")) || (key1 === "requirements"))){
validate10.errors = [{instancePath:instancePath+"/manifest",schemaPath:"#/properties/manifest/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs14 === errors){
if(data5.path !== undefined){
let data6 = data5.path;
const _errs15 = errors;
if(errors === _errs15){
if(typeof data6 === "string"){
if(!pattern2.test(data6)){
validate10.errors = [{instancePath:instancePath+"/manifest/path",schemaPath:"#/properties/manifest/properties/path/pattern",keyword:"pattern",params:{pattern: "^/"},message:"must match pattern \""+"^/"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/path",schemaPath:"#/properties/manifest/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs15 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data5.digest !== undefined){
let data7 = data5.digest;
const _errs17 = errors;
if(errors === _errs17){
if(typeof data7 === "string"){
if(!pattern3.test(data7)){
validate10.errors = [{instancePath:instancePath+"/manifest/digest",schemaPath:"#/properties/manifest/properties/digest/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/digest",schemaPath:"#/properties/manifest/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid1 = _errs17 === errors;
}
else {
var valid1 = true;
}
if(valid1){
if(data5.requirements !== undefined){
let data8 = data5.requirements;
const _errs19 = errors;
if(errors === _errs19){
if(Array.isArray(data8)){
var valid2 = true;
const len0 = data8.length;
for(let i0=0; i0<len0; i0++){
let data9 = data8[i0];
const _errs21 = errors;
if(errors === _errs21){
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
let missing2;
if(((data9.path === undefined) && (missing2 = "path")) || ((data9.sha256 === undefined) && (missing2 = "sha256"))){
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0,schemaPath:"#/properties/manifest/properties/requirements/items/required",keyword:"required",params:{missingProperty: missing2},message:"must have required property '"+missing2+"'"}];
return false;
}
else {
const _errs23 = errors;
for(const key2 in data9){
if(!((key2 === "path") || (key2 === "sha256"))){
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0,schemaPath:"#/properties/manifest/properties/requirements/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs23 === errors){
if(data9.path !== undefined){
let data10 = data9.path;
const _errs24 = errors;
if(errors === _errs24){
if(typeof data10 === "string"){
if(!pattern2.test(data10)){
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0+"/path",schemaPath:"#/properties/manifest/properties/requirements/items/properties/path/pattern",keyword:"pattern",params:{pattern: "^/"},message:"must match pattern \""+"^/"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0+"/path",schemaPath:"#/properties/manifest/properties/requirements/items/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs24 === errors;
}
else {
var valid3 = true;
}
if(valid3){
if(data9.sha256 !== undefined){
let data11 = data9.sha256;
const _errs26 = errors;
if(errors === _errs26){
if(typeof data11 === "string"){
if(!pattern3.test(data11)){
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0+"/sha256",schemaPath:"#/properties/manifest/properties/requirements/items/properties/sha256/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0+"/sha256",schemaPath:"#/properties/manifest/properties/requirements/items/properties/sha256/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid3 = _errs26 === errors;
}
else {
var valid3 = true;
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/requirements/" + i0,schemaPath:"#/properties/manifest/properties/requirements/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid2 = _errs21 === errors;
if(!valid2){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest/requirements",schemaPath:"#/properties/manifest/properties/requirements/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid1 = _errs19 === errors;
}
else {
var valid1 = true;
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/manifest",schemaPath:"#/properties/manifest/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid0 = _errs12 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.jails !== undefined){
let data12 = data.jails;
const _errs28 = errors;
if((!(Array.isArray(data12))) && (data12 !== null)){
validate10.errors = [{instancePath:instancePath+"/jails",schemaPath:"#/properties/jails/type",keyword:"type",params:{type: schema11.properties.jails.type},message:"must be array,null"}];
return false;
}
if(errors === _errs28){
if(Array.isArray(data12)){
var valid4 = true;
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
let data13 = data12[i1];
const _errs30 = errors;
if(errors === _errs30){
if(typeof data13 === "string"){
if(func3(data13) < 1){
validate10.errors = [{instancePath:instancePath+"/jails/" + i1,schemaPath:"#/properties/jails/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters"}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/jails/" + i1,schemaPath:"#/properties/jails/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid4 = _errs30 === errors;
if(!valid4){
break;
}
}
}
}
var valid0 = _errs28 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.archive !== undefined){
let data14 = data.archive;
const _errs32 = errors;
if(((typeof data14 !== "string") && (typeof data14 !== "boolean")) && (data14 !== null)){
validate10.errors = [{instancePath:instancePath+"/archive",schemaPath:"#/properties/archive/type",keyword:"type",params:{type: schema11.properties.archive.type},message:"must be string,boolean,null"}];
return false;
}
var valid0 = _errs32 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.text !== undefined){
let data15 = data.text;
const _errs34 = errors;
if(errors === _errs34){
if(Array.isArray(data15)){
var valid5 = true;
const len2 = data15.length;
for(let i2=0; i2<len2; i2++){
const _errs36 = errors;
if(typeof data15[i2] !== "string"){
validate10.errors = [{instancePath:instancePath+"/text/" + i2,schemaPath:"#/properties/text/items/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
var valid5 = _errs36 === errors;
if(!valid5){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/text",schemaPath:"#/properties/text/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs34 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.facts !== undefined){
let data17 = data.facts;
const _errs38 = errors;
if(errors === _errs38){
if(Array.isArray(data17)){
var valid6 = true;
const len3 = data17.length;
for(let i3=0; i3<len3; i3++){
let data18 = data17[i3];
const _errs40 = errors;
if(errors === _errs40){
if(data18 && typeof data18 == "object" && !Array.isArray(data18)){
let missing3;
if(((data18.address === undefined) && (missing3 = "address")) || ((data18.wanted === undefined) && (missing3 = "wanted"))){
validate10.errors = [{instancePath:instancePath+"/facts/" + i3,schemaPath:"#/properties/facts/items/required",keyword:"required",params:{missingProperty: missing3},message:"must have required property '"+missing3+"'"}];
return false;
}
else {
const _errs42 = errors;
for(const key3 in data18){
if(!(((key3 === "address") || (key3 === "wanted")) || (key3 === "found"))){
validate10.errors = [{instancePath:instancePath+"/facts/" + i3,schemaPath:"#/properties/facts/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"}];
return false;
break;
}
}
if(_errs42 === errors){
if(data18.address !== undefined){
let data19 = data18.address;
const _errs43 = errors;
if(errors === _errs43){
if(typeof data19 === "string"){
if(!pattern6.test(data19)){
validate10.errors = [{instancePath:instancePath+"/facts/" + i3+"/address",schemaPath:"#/properties/facts/items/properties/address/pattern",keyword:"pattern",params:{pattern: "^(firewall|limits|boot|jail|account|tree|login)/"},message:"must match pattern \""+"^(firewall|limits|boot|jail|account|tree|login)/"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/facts/" + i3+"/address",schemaPath:"#/properties/facts/items/properties/address/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid7 = _errs43 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data18.wanted !== undefined){
let data20 = data18.wanted;
const _errs45 = errors;
if((typeof data20 !== "string") && (data20 !== null)){
validate10.errors = [{instancePath:instancePath+"/facts/" + i3+"/wanted",schemaPath:"#/properties/facts/items/properties/wanted/type",keyword:"type",params:{type: schema11.properties.facts.items.properties.wanted.type},message:"must be string,null"}];
return false;
}
var valid7 = _errs45 === errors;
}
else {
var valid7 = true;
}
if(valid7){
if(data18.found !== undefined){
let data21 = data18.found;
const _errs47 = errors;
if((typeof data21 !== "string") && (data21 !== null)){
validate10.errors = [{instancePath:instancePath+"/facts/" + i3+"/found",schemaPath:"#/properties/facts/items/properties/found/type",keyword:"type",params:{type: schema11.properties.facts.items.properties.found.type},message:"must be string,null"}];
return false;
}
var valid7 = _errs47 === errors;
}
else {
var valid7 = true;
}
}
}
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/facts/" + i3,schemaPath:"#/properties/facts/items/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
var valid6 = _errs40 === errors;
if(!valid6){
break;
}
}
}
else {
validate10.errors = [{instancePath:instancePath+"/facts",schemaPath:"#/properties/facts/type",keyword:"type",params:{type: "array"},message:"must be array"}];
return false;
}
}
var valid0 = _errs38 === errors;
}
else {
var valid0 = true;
}
if(valid0){
if(data.digest !== undefined){
let data22 = data.digest;
const _errs49 = errors;
if(errors === _errs49){
if(typeof data22 === "string"){
if(!pattern3.test(data22)){
validate10.errors = [{instancePath:instancePath+"/digest",schemaPath:"#/properties/digest/pattern",keyword:"pattern",params:{pattern: "^[0-9a-f]{64}$"},message:"must match pattern \""+"^[0-9a-f]{64}$"+"\""}];
return false;
}
}
else {
validate10.errors = [{instancePath:instancePath+"/digest",schemaPath:"#/properties/digest/type",keyword:"type",params:{type: "string"},message:"must be string"}];
return false;
}
}
var valid0 = _errs49 === errors;
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
else {
validate10.errors = [{instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"}];
return false;
}
}
validate10.errors = vErrors;
return errors === 0;
}
