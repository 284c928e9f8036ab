// Written by scripts/validators.ts: change the schema, and run it again.
"use strict";
module.exports = validate10;
module.exports.default = validate10;
const schema11 = {"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["version","jails"],"additionalProperties":false,"properties":{"version":{"type":"integer","const":1},"root":{"default":"/","$ref":"#/definitions/path"},"uids":{"default":"70000-89999","$ref":"#/definitions/uids"},"defaults":{"type":"object","additionalProperties":false,"properties":{"network":{"default":"none","$ref":"#/definitions/network"},"limits":{"$ref":"#/definitions/limits"},"engine":{"$ref":"#/definitions/engine"},"home":{"default":"keep","$ref":"#/definitions/home"},"optional":{"default":[],"$ref":"#/definitions/optional"},"login":{"default":"none","$ref":"#/definitions/login"},"authorized_keys":{"$ref":"#/definitions/authorized_keys"},"env":{"$ref":"#/definitions/env"},"archive":{"$ref":"#/definitions/path"}}},"jails":{"type":"object","propertyNames":{"pattern":"^[a-z][a-z0-9_-]*$","maxLength":31},"additionalProperties":{"$ref":"#/definitions/jail"}}},"definitions":{"jail":{"$comment":"jail","type":"object","required":["users"],"additionalProperties":false,"properties":{"path":{"$ref":"#/definitions/path"},"users":{"type":"integer","minimum":0,"maximum":34464},"requirements":{"default":[],"type":"array","items":{"type":"string","minLength":1}},"tools":{"default":[],"type":"array","items":{"type":"string","minLength":1}},"limits":{"$ref":"#/definitions/limits"},"network":{"default":"none","$ref":"#/definitions/network"},"engine":{"$ref":"#/definitions/engine"},"home":{"default":"keep","$ref":"#/definitions/home"},"optional":{"default":[],"$ref":"#/definitions/optional"},"login":{"default":"none","$ref":"#/definitions/login"},"authorized_keys":{"$ref":"#/definitions/authorized_keys"},"env":{"$ref":"#/definitions/env"},"protect":{"default":false,"type":"boolean"},"archive":{"$ref":"#/definitions/path"}}},"limits":{"$comment":"limits","type":"object","additionalProperties":false,"properties":{"processes":{"default":64,"type":"integer","minimum":1,"maximum":4194304},"memory":{"default":"256MiB","$ref":"#/definitions/size"},"cpu_time":{"default":"10s","$ref":"#/definitions/duration"},"wall_time":{"default":"30s","$ref":"#/definitions/duration"},"file_size":{"default":"16MiB","$ref":"#/definitions/size"},"open_files":{"default":64,"type":"integer","minimum":8,"maximum":1048576},"output":{"default":"1MiB","$ref":"#/definitions/size"},"cpus":{"$ref":"#/definitions/processors"},"tmp_size":{"default":"64MiB","$ref":"#/definitions/size"},"disk":{"$ref":"#/definitions/size"}}},"network":{"$comment":"network","type":["string","object"],"if":{"type":"string"},"then":{"enum":["none","host"]},"additionalProperties":false,"properties":{"allow":{"default":[],"type":"array","items":{"$ref":"#/definitions/target"}},"policy":{"default":"reject","enum":["reject","drop"]}}},"target":{"$comment":"target","type":"object","required":["to"],"additionalProperties":false,"properties":{"to":{"type":"string","minLength":1},"port":{"type":["integer","string"],"minimum":1,"maximum":65535,"pattern":"^[0-9]{1,5}(-[0-9]{1,5})?$"},"protocol":{"default":"tcp","enum":["tcp","udp","any"]}}},"engine":{"$comment":"engine","enum":["crun","runc","runsc","chroot"]},"home":{"$comment":"home","enum":["keep","fresh"]},"optional":{"$comment":"optional","type":"array","items":{"$ref":"#/definitions/optional_name"}},"optional_name":{"$comment":"optional_name","enum":["mount_namespace","pid_namespace","network_namespace","ipc_namespace","uts_namespace","cgroup_namespace","read_only_root","private_tmp","private_devices","masked_proc","no_new_privileges","no_capabilities","no_groups","seccomp","own_session","clean_environment","umask","no_core_dumps","processes","memory","cpu_time","wall_time","file_size","open_files","output","cpus","tmp_size","disk"]},"login":{"$comment":"login","enum":["none","chroot"]},"authorized_keys":{"$comment":"authorized_keys","type":"array","items":{"type":"string","minLength":1}},"env":{"$comment":"env","type":"object","propertyNames":{"pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":"string","maxLength":4096}},"size":{"$comment":"size","type":"string","pattern":"^[0-9]+(B|KiB|MiB|GiB|TiB)$"},"processors":{"$comment":"processors","type":["number","string"],"minimum":0.01,"maximum":8192,"pattern":"^[0-9]+(\\.[0-9]{1,3})?$"},"duration":{"$comment":"duration","type":"string","pattern":"^[0-9]+(s|m|h)$"},"path":{"$comment":"path","type":"string","pattern":"^/[A-Za-z0-9._@+/-]*$"},"uids":{"$comment":"uids","type":"string","pattern":"^[0-9]{1,10}-[0-9]{1,10}$"}}};
const schema12 = {"$comment":"path","type":"string","pattern":"^/[A-Za-z0-9._@+/-]*$"};
const schema13 = {"$comment":"uids","type":"string","pattern":"^[0-9]{1,10}-[0-9]{1,10}$"};
const schema25 = {"$comment":"engine","enum":["crun","runc","runsc","chroot"]};
const schema26 = {"$comment":"home","enum":["keep","fresh"]};
const schema29 = {"$comment":"login","enum":["none","chroot"]};
const schema30 = {"$comment":"authorized_keys","type":"array","items":{"type":"string","minLength":1}};
const schema31 = {"$comment":"env","type":"object","propertyNames":{"pattern":"^[A-Za-z_][A-Za-z0-9_]*$"},"additionalProperties":{"type":"string","maxLength":4096}};
const pattern0 = new RegExp("^/[A-Za-z0-9._@+/-]*$", "u");
const pattern1 = new RegExp("^[0-9]{1,10}-[0-9]{1,10}$", "u");
const pattern11 = new RegExp("^[A-Za-z_][A-Za-z0-9_]*$", "u");
const pattern13 = new RegExp("^[a-z][a-z0-9_-]*$", "u");
const func2 = Object.prototype.hasOwnProperty;
const func3 = require("ajv/dist/runtime/ucs2length").default;
const schema14 = {"$comment":"network","type":["string","object"],"if":{"type":"string"},"then":{"enum":["none","host"]},"additionalProperties":false,"properties":{"allow":{"default":[],"type":"array","items":{"$ref":"#/definitions/target"}},"policy":{"default":"reject","enum":["reject","drop"]}}};
const schema15 = {"$comment":"target","type":"object","required":["to"],"additionalProperties":false,"properties":{"to":{"type":"string","minLength":1},"port":{"type":["integer","string"],"minimum":1,"maximum":65535,"pattern":"^[0-9]{1,5}(-[0-9]{1,5})?$"},"protocol":{"default":"tcp","enum":["tcp","udp","any"]}}};
const pattern2 = new RegExp("^[0-9]{1,5}(-[0-9]{1,5})?$", "u");

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if((typeof data !== "string") && (!(data && typeof data == "object" && !Array.isArray(data)))){
const err0 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: schema14.type},message:"must be string,object",schema:schema14.type,parentSchema:schema14,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
const _errs2 = errors;
let valid0 = true;
const _errs3 = errors;
if(typeof data !== "string"){
const err1 = {};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
var _valid0 = _errs3 === errors;
errors = _errs2;
if(vErrors !== null){
if(_errs2){
vErrors.length = _errs2;
}
else {
vErrors = null;
}
}
if(_valid0){
const _errs5 = errors;
if(!((data === "none") || (data === "host"))){
const err2 = {instancePath,schemaPath:"#/then/enum",keyword:"enum",params:{allowedValues: schema14.then.enum},message:"must be equal to one of the allowed values",schema:schema14.then.enum,parentSchema:schema14.then,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
var _valid0 = _errs5 === errors;
valid0 = _valid0;
}
if(!valid0){
const err3 = {instancePath,schemaPath:"#/if",keyword:"if",params:{failingKeyword: "then"},message:"must match \"then\" schema",schema:schema14.if,parentSchema:schema14,data};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((key0 === "allow") || (key0 === "policy"))){
const err4 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema14,data};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.allow !== undefined){
let data0 = data.allow;
if(Array.isArray(data0)){
const len0 = data0.length;
for(let i0=0; i0<len0; i0++){
let data1 = data0[i0];
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
if(data1.to === undefined){
const err5 = {instancePath:instancePath+"/allow/" + i0,schemaPath:"#/definitions/target/required",keyword:"required",params:{missingProperty: "to"},message:"must have required property '"+"to"+"'",schema:schema15.required,parentSchema:schema15,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
for(const key1 in data1){
if(!(((key1 === "to") || (key1 === "port")) || (key1 === "protocol"))){
const err6 = {instancePath:instancePath+"/allow/" + i0,schemaPath:"#/definitions/target/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema15,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data1.to !== undefined){
let data2 = data1.to;
if(typeof data2 === "string"){
if(func3(data2) < 1){
const err7 = {instancePath:instancePath+"/allow/" + i0+"/to",schemaPath:"#/definitions/target/properties/to/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema15.properties.to,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/allow/" + i0+"/to",schemaPath:"#/definitions/target/properties/to/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema15.properties.to.type,parentSchema:schema15.properties.to,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data1.port !== undefined){
let data3 = data1.port;
if((!(((typeof data3 == "number") && (!(data3 % 1) && !isNaN(data3))) && (isFinite(data3)))) && (typeof data3 !== "string")){
const err9 = {instancePath:instancePath+"/allow/" + i0+"/port",schemaPath:"#/definitions/target/properties/port/type",keyword:"type",params:{type: schema15.properties.port.type},message:"must be integer,string",schema:schema15.properties.port.type,parentSchema:schema15.properties.port,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if((typeof data3 == "number") && (isFinite(data3))){
if(data3 > 65535 || isNaN(data3)){
const err10 = {instancePath:instancePath+"/allow/" + i0+"/port",schemaPath:"#/definitions/target/properties/port/maximum",keyword:"maximum",params:{comparison: "<=", limit: 65535},message:"must be <= 65535",schema:65535,parentSchema:schema15.properties.port,data:data3};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(data3 < 1 || isNaN(data3)){
const err11 = {instancePath:instancePath+"/allow/" + i0+"/port",schemaPath:"#/definitions/target/properties/port/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema15.properties.port,data:data3};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(typeof data3 === "string"){
if(!pattern2.test(data3)){
const err12 = {instancePath:instancePath+"/allow/" + i0+"/port",schemaPath:"#/definitions/target/properties/port/pattern",keyword:"pattern",params:{pattern: "^[0-9]{1,5}(-[0-9]{1,5})?$"},message:"must match pattern \""+"^[0-9]{1,5}(-[0-9]{1,5})?$"+"\"",schema:"^[0-9]{1,5}(-[0-9]{1,5})?$",parentSchema:schema15.properties.port,data:data3};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
if(data1.protocol !== undefined){
let data4 = data1.protocol;
if(!(((data4 === "tcp") || (data4 === "udp")) || (data4 === "any"))){
const err13 = {instancePath:instancePath+"/allow/" + i0+"/protocol",schemaPath:"#/definitions/target/properties/protocol/enum",keyword:"enum",params:{allowedValues: schema15.properties.protocol.enum},message:"must be equal to one of the allowed values",schema:schema15.properties.protocol.enum,parentSchema:schema15.properties.protocol,data:data4};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/allow/" + i0,schemaPath:"#/definitions/target/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema15.type,parentSchema:schema15,data:data1};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/allow",schemaPath:"#/properties/allow/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema14.properties.allow.type,parentSchema:schema14.properties.allow,data:data0};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.policy !== undefined){
let data5 = data.policy;
if(!((data5 === "reject") || (data5 === "drop"))){
const err16 = {instancePath:instancePath+"/policy",schemaPath:"#/properties/policy/enum",keyword:"enum",params:{allowedValues: schema14.properties.policy.enum},message:"must be equal to one of the allowed values",schema:schema14.properties.policy.enum,parentSchema:schema14.properties.policy,data:data5};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
validate11.errors = vErrors;
return errors === 0;
}

const schema16 = {"$comment":"limits","type":"object","additionalProperties":false,"properties":{"processes":{"default":64,"type":"integer","minimum":1,"maximum":4194304},"memory":{"default":"256MiB","$ref":"#/definitions/size"},"cpu_time":{"default":"10s","$ref":"#/definitions/duration"},"wall_time":{"default":"30s","$ref":"#/definitions/duration"},"file_size":{"default":"16MiB","$ref":"#/definitions/size"},"open_files":{"default":64,"type":"integer","minimum":8,"maximum":1048576},"output":{"default":"1MiB","$ref":"#/definitions/size"},"cpus":{"$ref":"#/definitions/processors"},"tmp_size":{"default":"64MiB","$ref":"#/definitions/size"},"disk":{"$ref":"#/definitions/size"}}};
const schema17 = {"$comment":"size","type":"string","pattern":"^[0-9]+(B|KiB|MiB|GiB|TiB)$"};
const schema18 = {"$comment":"duration","type":"string","pattern":"^[0-9]+(s|m|h)$"};
const schema22 = {"$comment":"processors","type":["number","string"],"minimum":0.01,"maximum":8192,"pattern":"^[0-9]+(\\.[0-9]{1,3})?$"};
const pattern3 = new RegExp("^[0-9]+(B|KiB|MiB|GiB|TiB)$", "u");
const pattern4 = new RegExp("^[0-9]+(s|m|h)$", "u");
const pattern8 = new RegExp("^[0-9]+(\\.[0-9]{1,3})?$", "u");

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema16.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema16,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.processes !== undefined){
let data0 = data.processes;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
const err1 = {instancePath:instancePath+"/processes",schemaPath:"#/properties/processes/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema16.properties.processes.type,parentSchema:schema16.properties.processes,data:data0};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if((typeof data0 == "number") && (isFinite(data0))){
if(data0 > 4194304 || isNaN(data0)){
const err2 = {instancePath:instancePath+"/processes",schemaPath:"#/properties/processes/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4194304},message:"must be <= 4194304",schema:4194304,parentSchema:schema16.properties.processes,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
if(data0 < 1 || isNaN(data0)){
const err3 = {instancePath:instancePath+"/processes",schemaPath:"#/properties/processes/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1",schema:1,parentSchema:schema16.properties.processes,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
if(data.memory !== undefined){
let data1 = data.memory;
if(typeof data1 === "string"){
if(!pattern3.test(data1)){
const err4 = {instancePath:instancePath+"/memory",schemaPath:"#/definitions/size/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},message:"must match pattern \""+"^[0-9]+(B|KiB|MiB|GiB|TiB)$"+"\"",schema:"^[0-9]+(B|KiB|MiB|GiB|TiB)$",parentSchema:schema17,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/memory",schemaPath:"#/definitions/size/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.cpu_time !== undefined){
let data2 = data.cpu_time;
if(typeof data2 === "string"){
if(!pattern4.test(data2)){
const err6 = {instancePath:instancePath+"/cpu_time",schemaPath:"#/definitions/duration/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(s|m|h)$"},message:"must match pattern \""+"^[0-9]+(s|m|h)$"+"\"",schema:"^[0-9]+(s|m|h)$",parentSchema:schema18,data:data2};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
else {
const err7 = {instancePath:instancePath+"/cpu_time",schemaPath:"#/definitions/duration/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema18.type,parentSchema:schema18,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.wall_time !== undefined){
let data3 = data.wall_time;
if(typeof data3 === "string"){
if(!pattern4.test(data3)){
const err8 = {instancePath:instancePath+"/wall_time",schemaPath:"#/definitions/duration/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(s|m|h)$"},message:"must match pattern \""+"^[0-9]+(s|m|h)$"+"\"",schema:"^[0-9]+(s|m|h)$",parentSchema:schema18,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
else {
const err9 = {instancePath:instancePath+"/wall_time",schemaPath:"#/definitions/duration/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema18.type,parentSchema:schema18,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.file_size !== undefined){
let data4 = data.file_size;
if(typeof data4 === "string"){
if(!pattern3.test(data4)){
const err10 = {instancePath:instancePath+"/file_size",schemaPath:"#/definitions/size/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},message:"must match pattern \""+"^[0-9]+(B|KiB|MiB|GiB|TiB)$"+"\"",schema:"^[0-9]+(B|KiB|MiB|GiB|TiB)$",parentSchema:schema17,data:data4};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/file_size",schemaPath:"#/definitions/size/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data4};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.open_files !== undefined){
let data5 = data.open_files;
if(!(((typeof data5 == "number") && (!(data5 % 1) && !isNaN(data5))) && (isFinite(data5)))){
const err12 = {instancePath:instancePath+"/open_files",schemaPath:"#/properties/open_files/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema16.properties.open_files.type,parentSchema:schema16.properties.open_files,data:data5};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if((typeof data5 == "number") && (isFinite(data5))){
if(data5 > 1048576 || isNaN(data5)){
const err13 = {instancePath:instancePath+"/open_files",schemaPath:"#/properties/open_files/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1048576},message:"must be <= 1048576",schema:1048576,parentSchema:schema16.properties.open_files,data:data5};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data5 < 8 || isNaN(data5)){
const err14 = {instancePath:instancePath+"/open_files",schemaPath:"#/properties/open_files/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8",schema:8,parentSchema:schema16.properties.open_files,data:data5};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
if(data.output !== undefined){
let data6 = data.output;
if(typeof data6 === "string"){
if(!pattern3.test(data6)){
const err15 = {instancePath:instancePath+"/output",schemaPath:"#/definitions/size/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},message:"must match pattern \""+"^[0-9]+(B|KiB|MiB|GiB|TiB)$"+"\"",schema:"^[0-9]+(B|KiB|MiB|GiB|TiB)$",parentSchema:schema17,data:data6};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
else {
const err16 = {instancePath:instancePath+"/output",schemaPath:"#/definitions/size/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data6};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.cpus !== undefined){
let data7 = data.cpus;
if((!((typeof data7 == "number") && (isFinite(data7)))) && (typeof data7 !== "string")){
const err17 = {instancePath:instancePath+"/cpus",schemaPath:"#/definitions/processors/type",keyword:"type",params:{type: schema22.type},message:"must be number,string",schema:schema22.type,parentSchema:schema22,data:data7};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 8192 || isNaN(data7)){
const err18 = {instancePath:instancePath+"/cpus",schemaPath:"#/definitions/processors/maximum",keyword:"maximum",params:{comparison: "<=", limit: 8192},message:"must be <= 8192",schema:8192,parentSchema:schema22,data:data7};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data7 < 0.01 || isNaN(data7)){
const err19 = {instancePath:instancePath+"/cpus",schemaPath:"#/definitions/processors/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0.01},message:"must be >= 0.01",schema:0.01,parentSchema:schema22,data:data7};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(typeof data7 === "string"){
if(!pattern8.test(data7)){
const err20 = {instancePath:instancePath+"/cpus",schemaPath:"#/definitions/processors/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(\\.[0-9]{1,3})?$"},message:"must match pattern \""+"^[0-9]+(\\.[0-9]{1,3})?$"+"\"",schema:"^[0-9]+(\\.[0-9]{1,3})?$",parentSchema:schema22,data:data7};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
}
if(data.tmp_size !== undefined){
let data8 = data.tmp_size;
if(typeof data8 === "string"){
if(!pattern3.test(data8)){
const err21 = {instancePath:instancePath+"/tmp_size",schemaPath:"#/definitions/size/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},message:"must match pattern \""+"^[0-9]+(B|KiB|MiB|GiB|TiB)$"+"\"",schema:"^[0-9]+(B|KiB|MiB|GiB|TiB)$",parentSchema:schema17,data:data8};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/tmp_size",schemaPath:"#/definitions/size/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data8};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data.disk !== undefined){
let data9 = data.disk;
if(typeof data9 === "string"){
if(!pattern3.test(data9)){
const err23 = {instancePath:instancePath+"/disk",schemaPath:"#/definitions/size/pattern",keyword:"pattern",params:{pattern: "^[0-9]+(B|KiB|MiB|GiB|TiB)$"},message:"must match pattern \""+"^[0-9]+(B|KiB|MiB|GiB|TiB)$"+"\"",schema:"^[0-9]+(B|KiB|MiB|GiB|TiB)$",parentSchema:schema17,data:data9};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
else {
const err24 = {instancePath:instancePath+"/disk",schemaPath:"#/definitions/size/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema17.type,parentSchema:schema17,data:data9};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema16.type,parentSchema:schema16,data};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
validate13.errors = vErrors;
return errors === 0;
}

const schema27 = {"$comment":"optional","type":"array","items":{"$ref":"#/definitions/optional_name"}};
const schema28 = {"$comment":"optional_name","enum":["mount_namespace","pid_namespace","network_namespace","ipc_namespace","uts_namespace","cgroup_namespace","read_only_root","private_tmp","private_devices","masked_proc","no_new_privileges","no_capabilities","no_groups","seccomp","own_session","clean_environment","umask","no_core_dumps","processes","memory","cpu_time","wall_time","file_size","open_files","output","cpus","tmp_size","disk"]};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(Array.isArray(data)){
const len0 = data.length;
for(let i0=0; i0<len0; i0++){
let data0 = data[i0];
if(!((((((((((((((((((((((((((((data0 === "mount_namespace") || (data0 === "pid_namespace")) || (data0 === "network_namespace")) || (data0 === "ipc_namespace")) || (data0 === "uts_namespace")) || (data0 === "cgroup_namespace")) || (data0 === "read_only_root")) || (data0 === "private_tmp")) || (data0 === "private_devices")) || (data0 === "masked_proc")) || (data0 === "no_new_privileges")) || (data0 === "no_capabilities")) || (data0 === "no_groups")) || (data0 === "seccomp")) || (data0 === "own_session")) || (data0 === "clean_environment")) || (data0 === "umask")) || (data0 === "no_core_dumps")) || (data0 === "processes")) || (data0 === "memory")) || (data0 === "cpu_time")) || (data0 === "wall_time")) || (data0 === "file_size")) || (data0 === "open_files")) || (data0 === "output")) || (data0 === "cpus")) || (data0 === "tmp_size")) || (data0 === "disk"))){
const err0 = {instancePath:instancePath+"/" + i0,schemaPath:"#/definitions/optional_name/enum",keyword:"enum",params:{allowedValues: schema28.enum},message:"must be equal to one of the allowed values",schema:schema28.enum,parentSchema:schema28,data:data0};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
}
else {
const err1 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema27.type,parentSchema:schema27,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}

const schema33 = {"$comment":"jail","type":"object","required":["users"],"additionalProperties":false,"properties":{"path":{"$ref":"#/definitions/path"},"users":{"type":"integer","minimum":0,"maximum":34464},"requirements":{"default":[],"type":"array","items":{"type":"string","minLength":1}},"tools":{"default":[],"type":"array","items":{"type":"string","minLength":1}},"limits":{"$ref":"#/definitions/limits"},"network":{"default":"none","$ref":"#/definitions/network"},"engine":{"$ref":"#/definitions/engine"},"home":{"default":"keep","$ref":"#/definitions/home"},"optional":{"default":[],"$ref":"#/definitions/optional"},"login":{"default":"none","$ref":"#/definitions/login"},"authorized_keys":{"$ref":"#/definitions/authorized_keys"},"env":{"$ref":"#/definitions/env"},"protect":{"default":false,"type":"boolean"},"archive":{"$ref":"#/definitions/path"}}};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.users === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "users"},message:"must have required property '"+"users"+"'",schema:schema33.required,parentSchema:schema33,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema33.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema33,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.path !== undefined){
let data0 = data.path;
if(typeof data0 === "string"){
if(!pattern0.test(data0)){
const err2 = {instancePath:instancePath+"/path",schemaPath:"#/definitions/path/pattern",keyword:"pattern",params:{pattern: "^/[A-Za-z0-9._@+/-]*$"},message:"must match pattern \""+"^/[A-Za-z0-9._@+/-]*$"+"\"",schema:"^/[A-Za-z0-9._@+/-]*$",parentSchema:schema12,data:data0};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
else {
const err3 = {instancePath:instancePath+"/path",schemaPath:"#/definitions/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.users !== undefined){
let data1 = data.users;
if(!(((typeof data1 == "number") && (!(data1 % 1) && !isNaN(data1))) && (isFinite(data1)))){
const err4 = {instancePath:instancePath+"/users",schemaPath:"#/properties/users/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema33.properties.users.type,parentSchema:schema33.properties.users,data:data1};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if((typeof data1 == "number") && (isFinite(data1))){
if(data1 > 34464 || isNaN(data1)){
const err5 = {instancePath:instancePath+"/users",schemaPath:"#/properties/users/maximum",keyword:"maximum",params:{comparison: "<=", limit: 34464},message:"must be <= 34464",schema:34464,parentSchema:schema33.properties.users,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data1 < 0 || isNaN(data1)){
const err6 = {instancePath:instancePath+"/users",schemaPath:"#/properties/users/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0",schema:0,parentSchema:schema33.properties.users,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
if(data.requirements !== undefined){
let data2 = data.requirements;
if(Array.isArray(data2)){
const len0 = data2.length;
for(let i0=0; i0<len0; i0++){
let data3 = data2[i0];
if(typeof data3 === "string"){
if(func3(data3) < 1){
const err7 = {instancePath:instancePath+"/requirements/" + i0,schemaPath:"#/properties/requirements/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema33.properties.requirements.items,data:data3};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/requirements/" + i0,schemaPath:"#/properties/requirements/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.requirements.items.type,parentSchema:schema33.properties.requirements.items,data:data3};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
else {
const err9 = {instancePath:instancePath+"/requirements",schemaPath:"#/properties/requirements/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.requirements.type,parentSchema:schema33.properties.requirements,data:data2};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.tools !== undefined){
let data4 = data.tools;
if(Array.isArray(data4)){
const len1 = data4.length;
for(let i1=0; i1<len1; i1++){
let data5 = data4[i1];
if(typeof data5 === "string"){
if(func3(data5) < 1){
const err10 = {instancePath:instancePath+"/tools/" + i1,schemaPath:"#/properties/tools/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema33.properties.tools.items,data:data5};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
else {
const err11 = {instancePath:instancePath+"/tools/" + i1,schemaPath:"#/properties/tools/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema33.properties.tools.items.type,parentSchema:schema33.properties.tools.items,data:data5};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
else {
const err12 = {instancePath:instancePath+"/tools",schemaPath:"#/properties/tools/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema33.properties.tools.type,parentSchema:schema33.properties.tools,data:data4};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.limits !== undefined){
if(!(validate13(data.limits, {instancePath:instancePath+"/limits",parentData:data,parentDataProperty:"limits",rootData}))){
vErrors = vErrors === null ? validate13.errors : vErrors.concat(validate13.errors);
errors = vErrors.length;
}
}
if(data.network !== undefined){
if(!(validate11(data.network, {instancePath:instancePath+"/network",parentData:data,parentDataProperty:"network",rootData}))){
vErrors = vErrors === null ? validate11.errors : vErrors.concat(validate11.errors);
errors = vErrors.length;
}
}
if(data.engine !== undefined){
let data8 = data.engine;
if(!((((data8 === "crun") || (data8 === "runc")) || (data8 === "runsc")) || (data8 === "chroot"))){
const err13 = {instancePath:instancePath+"/engine",schemaPath:"#/definitions/engine/enum",keyword:"enum",params:{allowedValues: schema25.enum},message:"must be equal to one of the allowed values",schema:schema25.enum,parentSchema:schema25,data:data8};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.home !== undefined){
let data9 = data.home;
if(!((data9 === "keep") || (data9 === "fresh"))){
const err14 = {instancePath:instancePath+"/home",schemaPath:"#/definitions/home/enum",keyword:"enum",params:{allowedValues: schema26.enum},message:"must be equal to one of the allowed values",schema:schema26.enum,parentSchema:schema26,data:data9};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.optional !== undefined){
if(!(validate15(data.optional, {instancePath:instancePath+"/optional",parentData:data,parentDataProperty:"optional",rootData}))){
vErrors = vErrors === null ? validate15.errors : vErrors.concat(validate15.errors);
errors = vErrors.length;
}
}
if(data.login !== undefined){
let data11 = data.login;
if(!((data11 === "none") || (data11 === "chroot"))){
const err15 = {instancePath:instancePath+"/login",schemaPath:"#/definitions/login/enum",keyword:"enum",params:{allowedValues: schema29.enum},message:"must be equal to one of the allowed values",schema:schema29.enum,parentSchema:schema29,data:data11};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.authorized_keys !== undefined){
let data12 = data.authorized_keys;
if(Array.isArray(data12)){
const len2 = data12.length;
for(let i2=0; i2<len2; i2++){
let data13 = data12[i2];
if(typeof data13 === "string"){
if(func3(data13) < 1){
const err16 = {instancePath:instancePath+"/authorized_keys/" + i2,schemaPath:"#/definitions/authorized_keys/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema30.items,data:data13};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
else {
const err17 = {instancePath:instancePath+"/authorized_keys/" + i2,schemaPath:"#/definitions/authorized_keys/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.items.type,parentSchema:schema30.items,data:data13};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/authorized_keys",schemaPath:"#/definitions/authorized_keys/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema30.type,parentSchema:schema30,data:data12};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data.env !== undefined){
let data14 = data.env;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key1 in data14){
const _errs39 = errors;
if(typeof key1 === "string"){
if(!pattern11.test(key1)){
const err19 = {instancePath:instancePath+"/env",schemaPath:"#/definitions/env/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema31.propertyNames,data:key1,propertyName:key1};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
var valid13 = _errs39 === errors;
if(!valid13){
const err20 = {instancePath:instancePath+"/env",schemaPath:"#/definitions/env/propertyNames",keyword:"propertyNames",params:{propertyName: key1},message:"property name must be valid",schema:schema31.propertyNames,parentSchema:schema31,data:data14};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
for(const key2 in data14){
let data15 = data14[key2];
if(typeof data15 === "string"){
if(func3(data15) > 4096){
const err21 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/env/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters",schema:4096,parentSchema:schema31.additionalProperties,data:data15};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/env/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/env/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.additionalProperties.type,parentSchema:schema31.additionalProperties,data:data15};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/env",schemaPath:"#/definitions/env/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data:data14};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data.protect !== undefined){
let data16 = data.protect;
if(typeof data16 !== "boolean"){
const err24 = {instancePath:instancePath+"/protect",schemaPath:"#/properties/protect/type",keyword:"type",params:{type: "boolean"},message:"must be boolean",schema:schema33.properties.protect.type,parentSchema:schema33.properties.protect,data:data16};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
if(data.archive !== undefined){
let data17 = data.archive;
if(typeof data17 === "string"){
if(!pattern0.test(data17)){
const err25 = {instancePath:instancePath+"/archive",schemaPath:"#/definitions/path/pattern",keyword:"pattern",params:{pattern: "^/[A-Za-z0-9._@+/-]*$"},message:"must match pattern \""+"^/[A-Za-z0-9._@+/-]*$"+"\"",schema:"^/[A-Za-z0-9._@+/-]*$",parentSchema:schema12,data:data17};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
else {
const err26 = {instancePath:instancePath+"/archive",schemaPath:"#/definitions/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data17};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
else {
const err27 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema33.type,parentSchema:schema33,data};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
validate17.errors = vErrors;
return errors === 0;
}


function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.version === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "version"},message:"must have required property '"+"version"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
if(data.jails === undefined){
const err1 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "jails"},message:"must have required property '"+"jails"+"'",schema:schema11.required,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "version") || (key0 === "root")) || (key0 === "uids")) || (key0 === "defaults")) || (key0 === "jails"))){
const err2 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties",schema:false,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.version !== undefined){
let data0 = data.version;
if(!(((typeof data0 == "number") && (!(data0 % 1) && !isNaN(data0))) && (isFinite(data0)))){
const err3 = {instancePath:instancePath+"/version",schemaPath:"#/properties/version/type",keyword:"type",params:{type: "integer"},message:"must be integer",schema:schema11.properties.version.type,parentSchema:schema11.properties.version,data:data0};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(1 !== data0){
const err4 = {instancePath:instancePath+"/version",schemaPath:"#/properties/version/const",keyword:"const",params:{allowedValue: 1},message:"must be equal to constant",schema:1,parentSchema:schema11.properties.version,data:data0};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.root !== undefined){
let data1 = data.root;
if(typeof data1 === "string"){
if(!pattern0.test(data1)){
const err5 = {instancePath:instancePath+"/root",schemaPath:"#/definitions/path/pattern",keyword:"pattern",params:{pattern: "^/[A-Za-z0-9._@+/-]*$"},message:"must match pattern \""+"^/[A-Za-z0-9._@+/-]*$"+"\"",schema:"^/[A-Za-z0-9._@+/-]*$",parentSchema:schema12,data:data1};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
else {
const err6 = {instancePath:instancePath+"/root",schemaPath:"#/definitions/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data1};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.uids !== undefined){
let data2 = data.uids;
if(typeof data2 === "string"){
if(!pattern1.test(data2)){
const err7 = {instancePath:instancePath+"/uids",schemaPath:"#/definitions/uids/pattern",keyword:"pattern",params:{pattern: "^[0-9]{1,10}-[0-9]{1,10}$"},message:"must match pattern \""+"^[0-9]{1,10}-[0-9]{1,10}$"+"\"",schema:"^[0-9]{1,10}-[0-9]{1,10}$",parentSchema:schema13,data:data2};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
else {
const err8 = {instancePath:instancePath+"/uids",schemaPath:"#/definitions/uids/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema13.type,parentSchema:schema13,data:data2};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.defaults !== undefined){
let data3 = data.defaults;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!(func2.call(schema11.properties.defaults.properties, key1))){
const err9 = {instancePath:instancePath+"/defaults",schemaPath:"#/properties/defaults/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties",schema:false,parentSchema:schema11.properties.defaults,data:data3};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data3.network !== undefined){
if(!(validate11(data3.network, {instancePath:instancePath+"/defaults/network",parentData:data3,parentDataProperty:"network",rootData}))){
vErrors = vErrors === null ? validate11.errors : vErrors.concat(validate11.errors);
errors = vErrors.length;
}
}
if(data3.limits !== undefined){
if(!(validate13(data3.limits, {instancePath:instancePath+"/defaults/limits",parentData:data3,parentDataProperty:"limits",rootData}))){
vErrors = vErrors === null ? validate13.errors : vErrors.concat(validate13.errors);
errors = vErrors.length;
}
}
if(data3.engine !== undefined){
let data6 = data3.engine;
if(!((((data6 === "crun") || (data6 === "runc")) || (data6 === "runsc")) || (data6 === "chroot"))){
const err10 = {instancePath:instancePath+"/defaults/engine",schemaPath:"#/definitions/engine/enum",keyword:"enum",params:{allowedValues: schema25.enum},message:"must be equal to one of the allowed values",schema:schema25.enum,parentSchema:schema25,data:data6};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data3.home !== undefined){
let data7 = data3.home;
if(!((data7 === "keep") || (data7 === "fresh"))){
const err11 = {instancePath:instancePath+"/defaults/home",schemaPath:"#/definitions/home/enum",keyword:"enum",params:{allowedValues: schema26.enum},message:"must be equal to one of the allowed values",schema:schema26.enum,parentSchema:schema26,data:data7};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data3.optional !== undefined){
if(!(validate15(data3.optional, {instancePath:instancePath+"/defaults/optional",parentData:data3,parentDataProperty:"optional",rootData}))){
vErrors = vErrors === null ? validate15.errors : vErrors.concat(validate15.errors);
errors = vErrors.length;
}
}
if(data3.login !== undefined){
let data9 = data3.login;
if(!((data9 === "none") || (data9 === "chroot"))){
const err12 = {instancePath:instancePath+"/defaults/login",schemaPath:"#/definitions/login/enum",keyword:"enum",params:{allowedValues: schema29.enum},message:"must be equal to one of the allowed values",schema:schema29.enum,parentSchema:schema29,data:data9};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data3.authorized_keys !== undefined){
let data10 = data3.authorized_keys;
if(Array.isArray(data10)){
const len0 = data10.length;
for(let i0=0; i0<len0; i0++){
let data11 = data10[i0];
if(typeof data11 === "string"){
if(func3(data11) < 1){
const err13 = {instancePath:instancePath+"/defaults/authorized_keys/" + i0,schemaPath:"#/definitions/authorized_keys/items/minLength",keyword:"minLength",params:{limit: 1},message:"must NOT have fewer than 1 characters",schema:1,parentSchema:schema30.items,data:data11};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
else {
const err14 = {instancePath:instancePath+"/defaults/authorized_keys/" + i0,schemaPath:"#/definitions/authorized_keys/items/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema30.items.type,parentSchema:schema30.items,data:data11};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/defaults/authorized_keys",schemaPath:"#/definitions/authorized_keys/type",keyword:"type",params:{type: "array"},message:"must be array",schema:schema30.type,parentSchema:schema30,data:data10};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data3.env !== undefined){
let data12 = data3.env;
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key2 in data12){
const _errs37 = errors;
if(typeof key2 === "string"){
if(!pattern11.test(key2)){
const err16 = {instancePath:instancePath+"/defaults/env",schemaPath:"#/definitions/env/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[A-Za-z_][A-Za-z0-9_]*$"},message:"must match pattern \""+"^[A-Za-z_][A-Za-z0-9_]*$"+"\"",schema:"^[A-Za-z_][A-Za-z0-9_]*$",parentSchema:schema31.propertyNames,data:key2,propertyName:key2};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
var valid11 = _errs37 === errors;
if(!valid11){
const err17 = {instancePath:instancePath+"/defaults/env",schemaPath:"#/definitions/env/propertyNames",keyword:"propertyNames",params:{propertyName: key2},message:"property name must be valid",schema:schema31.propertyNames,parentSchema:schema31,data:data12};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
for(const key3 in data12){
let data13 = data12[key3];
if(typeof data13 === "string"){
if(func3(data13) > 4096){
const err18 = {instancePath:instancePath+"/defaults/env/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/env/additionalProperties/maxLength",keyword:"maxLength",params:{limit: 4096},message:"must NOT have more than 4096 characters",schema:4096,parentSchema:schema31.additionalProperties,data:data13};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
else {
const err19 = {instancePath:instancePath+"/defaults/env/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/definitions/env/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema31.additionalProperties.type,parentSchema:schema31.additionalProperties,data:data13};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath:instancePath+"/defaults/env",schemaPath:"#/definitions/env/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema31.type,parentSchema:schema31,data:data12};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data3.archive !== undefined){
let data14 = data3.archive;
if(typeof data14 === "string"){
if(!pattern0.test(data14)){
const err21 = {instancePath:instancePath+"/defaults/archive",schemaPath:"#/definitions/path/pattern",keyword:"pattern",params:{pattern: "^/[A-Za-z0-9._@+/-]*$"},message:"must match pattern \""+"^/[A-Za-z0-9._@+/-]*$"+"\"",schema:"^/[A-Za-z0-9._@+/-]*$",parentSchema:schema12,data:data14};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
else {
const err22 = {instancePath:instancePath+"/defaults/archive",schemaPath:"#/definitions/path/type",keyword:"type",params:{type: "string"},message:"must be string",schema:schema12.type,parentSchema:schema12,data:data14};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/defaults",schemaPath:"#/properties/defaults/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.defaults.type,parentSchema:schema11.properties.defaults,data:data3};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data.jails !== undefined){
let data15 = data.jails;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key4 in data15){
const _errs47 = errors;
if(typeof key4 === "string"){
if(func3(key4) > 31){
const err24 = {instancePath:instancePath+"/jails",schemaPath:"#/properties/jails/propertyNames/maxLength",keyword:"maxLength",params:{limit: 31},message:"must NOT have more than 31 characters",schema:31,parentSchema:schema11.properties.jails.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
if(!pattern13.test(key4)){
const err25 = {instancePath:instancePath+"/jails",schemaPath:"#/properties/jails/propertyNames/pattern",keyword:"pattern",params:{pattern: "^[a-z][a-z0-9_-]*$"},message:"must match pattern \""+"^[a-z][a-z0-9_-]*$"+"\"",schema:"^[a-z][a-z0-9_-]*$",parentSchema:schema11.properties.jails.propertyNames,data:key4,propertyName:key4};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
var valid14 = _errs47 === errors;
if(!valid14){
const err26 = {instancePath:instancePath+"/jails",schemaPath:"#/properties/jails/propertyNames",keyword:"propertyNames",params:{propertyName: key4},message:"property name must be valid",schema:schema11.properties.jails.propertyNames,parentSchema:schema11.properties.jails,data:data15};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
for(const key5 in data15){
if(!(validate17(data15[key5], {instancePath:instancePath+"/jails/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),parentData:data15,parentDataProperty:key5,rootData}))){
vErrors = vErrors === null ? validate17.errors : vErrors.concat(validate17.errors);
errors = vErrors.length;
}
}
}
else {
const err27 = {instancePath:instancePath+"/jails",schemaPath:"#/properties/jails/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.properties.jails.type,parentSchema:schema11.properties.jails,data:data15};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
}
}
else {
const err28 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object",schema:schema11.type,parentSchema:schema11,data};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}
