// The server's answer to a download button.
watch('value', () => { if (props.value && props.value.data) handOver(props.value); });
