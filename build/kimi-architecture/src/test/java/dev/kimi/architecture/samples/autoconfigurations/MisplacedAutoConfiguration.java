package dev.kimi.architecture.samples.autoconfigurations;

import org.springframework.boot.autoconfigure.AutoConfiguration;

@AutoConfiguration
public final class MisplacedAutoConfiguration {}
