package dev.kimi.samples.chatpage.autoconfigure;

import dev.kimi.KimiClient;
import dev.kimi.samples.chatpage.ChatPage;
import dev.kimi.starter.autoconfigure.KimiAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Import;

/** Serves the page where there is a client to ask and Spring MVC to serve it. */
@AutoConfiguration(after = KimiAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(KimiClient.class)
@Import(ChatPage.class)
public final class ChatPageAutoConfiguration {}
