package dev.kimi.integration.web.mvc;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** An application with the controller of docs/spring-boot.md that writes events from Spring MVC. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@ComponentScan
public class MvcChat {}
