import { OWNER } from './requests.js';

/** Only what the snippet touches of the vendor's Java packages, and a run that makes time pass. */
export const javaStubs: Readonly<Record<string, string>> = {
  'Shown.java': `package com.aliyun.openservices.ons.api;
import java.util.Properties;
class Shown { static void show(String what, Properties p) { System.out.println(what + " " + p.get("AccessKey") + " " + p.get("SecurityToken")); } }`,
  'PropertyKeyConst.java': `package com.aliyun.openservices.ons.api;
public class PropertyKeyConst {
  public static final String AccessKey = "AccessKey", SecretKey = "SecretKey", SecurityToken = "SecurityToken", NAMESRV_ADDR = "NAMESRV_ADDR", GROUP_ID = "GROUP_ID";
}`,
  'Producer.java': `package com.aliyun.openservices.ons.api;
public class Producer {
  public void start() {} public SendResult send(Message m) { return new SendResult(); }
  public void updateCredential(java.util.Properties p) { Shown.show("updated", p); }
}`,
  'Consumer.java': `package com.aliyun.openservices.ons.api;
public class Consumer {
  public void start() {} public void subscribe(String t, String e, MessageListener l) {}
  public void updateCredential(java.util.Properties p) {}
}`,
  'MessageListener.java': `package com.aliyun.openservices.ons.api;
public interface MessageListener { Action consume(Message message, Object context); }`,
  'Action.java': 'package com.aliyun.openservices.ons.api;\npublic enum Action { CommitMessage }',
  'Message.java': `package com.aliyun.openservices.ons.api;
public class Message { public Message(String t, String tag, byte[] b) {} public byte[] getBody() { return new byte[0]; } }`,
  'SendResult.java':
    'package com.aliyun.openservices.ons.api;\npublic class SendResult { public String getMessageId() { return "m"; } }',
  'ONSFactory.java': `package com.aliyun.openservices.ons.api;
public class ONSFactory {
  public static Producer createProducer(java.util.Properties p) { Shown.show("createProducer", p); return new Producer(); }
  public static Consumer createConsumer(java.util.Properties p) { return new Consumer(); }
}`,
  'credentials/Client.java': 'package com.aliyun.credentials;\npublic class Client {}',
  'Config.java': `package com.aliyun.teaopenapi.models;
public class Config { public Config setCredential(com.aliyun.credentials.Client c) { return this; } public Config setEndpoint(String e) { return this; } }`,
  'AssumeRoleRequest.java': `package com.aliyun.sts20150401.models;
public class AssumeRoleRequest {
  public String arn, id; public Long seconds;
  public AssumeRoleRequest setRoleArn(String v) { arn = v; return this; } public AssumeRoleRequest setRoleSessionName(String v) { return this; }
  public AssumeRoleRequest setExternalId(String v) { id = v; return this; } public AssumeRoleRequest setDurationSeconds(Long v) { seconds = v; return this; }
}`,
  'AssumeRoleResponseBody.java': `package com.aliyun.sts20150401.models;
public class AssumeRoleResponseBody {
  public AssumeRoleResponseBodyCredentials getCredentials() { return new AssumeRoleResponseBodyCredentials(); }
  public static class AssumeRoleResponseBodyCredentials {
    public static int made = 0; public static java.time.Instant ends; final int mine = ++made;
    public String getAccessKeyId() { return "key-" + mine; } public String getAccessKeySecret() { return "s"; }
    public String getSecurityToken() { return "token-" + mine; } public String getExpiration() { return ends.toString(); }
  }
}`,
  'sts/Client.java': `package com.aliyun.sts20150401;
import com.aliyun.sts20150401.models.*;
public class Client {
  public static AssumeRoleRequest last;
  public Client(com.aliyun.teaopenapi.models.Config c) {}
  public static class Response { public AssumeRoleResponseBody getBody() { return new AssumeRoleResponseBody(); } }
  public Response assumeRole(AssumeRoleRequest request) { last = request; return new Response(); }
}`,
  'Run.java': `import com.aliyun.sts20150401.models.AssumeRoleResponseBody.AssumeRoleResponseBodyCredentials;
public class Run {
  public static void main(String[] args) throws Exception {
    AssumeRoleResponseBodyCredentials.ends = java.time.Instant.now().plusSeconds(200);
    Producer_MQ_INST_${OWNER}_x1.client = com.aliyun.openservices.ons.api.ONSFactory.createProducer(Producer_MQ_INST_${OWNER}_x1.session());
    var last = com.aliyun.sts20150401.Client.last;
    System.out.println("assumed " + last.arn + " " + last.id + " " + last.seconds);
    AssumeRoleResponseBodyCredentials.ends = java.time.Instant.now().plusSeconds(3600);
    Producer_MQ_INST_${OWNER}_x1.renew();
    Producer_MQ_INST_${OWNER}_x1.renew();
    System.out.println("kept");
  }
}`,
};
