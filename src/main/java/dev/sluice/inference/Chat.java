package dev.sluice.inference;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A chat completion as its caller words it.
 *
 * @param model alias of the model, "" for the configured default
 * @param request in OpenAI's words: {@code messages}, {@code tools}, {@code response_format}, …; a model in it is not
 *     looked at
 */
public record Chat(String model, ObjectNode request, Account account) {}
