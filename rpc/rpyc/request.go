package rpyc

import "fmt"

// request is what the other side asks, with the labels taken off.
type request struct {
	handler int64
	args    tuple
}

func loadRequest(body any) (request, error) {
	t, _ := body.(tuple)
	if len(t) != 2 {
		return request{}, fmt.Errorf("%w: request is %T of %d", ErrMessage, body, len(t))
	}
	handler, ok := t[0].(int64)
	if !ok {
		return request{}, fmt.Errorf("%w: handler is %T", ErrMessage, t[0])
	}
	v, err := unbox(t[1])
	if err != nil {
		return request{}, err
	}
	args, ok := v.(tuple)
	if !ok {
		return request{}, fmt.Errorf("%w: arguments are %T", ErrMessage, v)
	}
	return request{handler, args}, nil
}

// plain says that no reference is in the value. It is as deep as the value, which load has bounded.
func plain(v any) bool {
	switch v := v.(type) {
	case localRef, remoteRef:
		return false
	case tuple:
		for _, item := range v {
			if !plain(item) {
				return false
			}
		}
	}
	return true
}
