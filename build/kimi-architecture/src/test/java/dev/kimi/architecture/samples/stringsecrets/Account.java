package dev.kimi.architecture.samples.stringsecrets;

record Account(String name, String apiKey) {}
