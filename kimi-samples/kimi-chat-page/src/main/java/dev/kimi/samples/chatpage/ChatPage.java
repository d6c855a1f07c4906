package dev.kimi.samples.chatpage;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The page and its back end, for an application that has a {@link dev.kimi.KimiClient}. */
@Configuration(proxyBeanMethods = false)
@Import({ChatController.class, InfoController.class, Heartbeat.class, PageHeaders.class})
public final class ChatPage {}
